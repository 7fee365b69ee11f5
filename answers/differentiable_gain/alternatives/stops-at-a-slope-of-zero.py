"""The fit stops where the slope is exactly zero, and the rest of the history stays there."""

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss_fn(model(source), target).backward()
        if model.gain.grad.abs().max() == 0:
            return history + [history[-1]] * (n_iter - len(history))
        optimizer.step()
    return history
