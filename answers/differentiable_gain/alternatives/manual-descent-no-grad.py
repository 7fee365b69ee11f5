"""The update is written by hand under torch.no_grad()."""

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        model.gain.grad = None
        loss_fn(model(source), target).backward()
        with torch.no_grad():
            model.gain -= lr * model.gain.grad
    return history
