"""The slope is computed in forward mode: one number in, one number out."""

# %% fit_gain
from torch.func import functional_call, jvp


def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    def loss_at(gain):
        return loss_fn(functional_call(model, {"gain": gain}, (source,)), target)

    history = []
    for _ in range(n_iter):
        gain = model.gain.detach().clone()
        history.append(gain.item())
        _, slope = jvp(loss_at, (gain,), (torch.ones_like(gain),))
        model.gain.data.copy_(gain - lr * slope)
    return history
