"""The update goes through .data, and the gradient is zeroed in place."""

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    gains = []
    for i in range(n_iter):
        if model.gain.grad is not None:
            model.gain.grad.zero_()
        gains += [float(model.gain.detach())]
        loss = loss_fn(model(source), target)
        loss.backward()
        model.gain.data = model.gain.data - lr * model.gain.grad.data
    return gains
