"""estimate_gain has its own loop and does not call fit_gain."""

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    gain = torch.tensor(1.0, requires_grad=True)
    loss_fn = SpectralLoss()
    for _ in range(n_iter):
        loss = loss_fn(gain * source, target)
        (slope,) = torch.autograd.grad(loss, gain)
        gain = (gain - lr * slope).detach().requires_grad_()
    return float(gain)
