"""Afterwards the model holds the best gain that was seen."""
# costs: test_fit_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss_fn(model(source), target).backward()
        optimizer.step()
    if n_iter:
        losses = []
        for gain in history + [model.gain.item()]:
            model.gain.data.fill_(gain)
            losses.append(loss_fn(model(source), target).item())
        model.gain.data.fill_((history + [gain])[int(np.argmin(losses))])
    return history
