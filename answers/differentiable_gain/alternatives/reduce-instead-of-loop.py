"""functools.reduce takes the place of the loop."""

# %% fit_gain
import functools


def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    def one_step(history, _):
        gain = model.gain.item()
        model.gain.grad = None
        loss_fn(model(source), target).backward()
        with torch.no_grad():
            model.gain.add_(model.gain.grad, alpha=-lr)
        return [*history, gain]

    return functools.reduce(one_step, range(n_iter), [])
