"""Descent on a function of the gain alone, with torch.func; the model gets the end result."""

# %% fit_gain
from torch.func import functional_call, grad


def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    def loss_at(gain):
        return loss_fn(functional_call(model, {"gain": gain}, (source,)), target)

    slope = grad(loss_at)
    gain = model.gain.detach().clone()
    history = []
    for _ in range(n_iter):
        history.append(gain.item())
        gain = gain - lr * slope(gain)
    with torch.no_grad():
        model.gain.copy_(gain)
    return history
