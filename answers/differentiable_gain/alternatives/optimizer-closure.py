"""The optimiser is given a closure that clears, computes and goes backward."""

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []

    def closure():
        optimizer.zero_grad()
        loss = loss_fn(model(source), target)
        loss.backward()
        return loss

    while len(history) < n_iter:
        history.append(model.gain.item())
        optimizer.step(closure)
    return history
