"""The negative loss is maximised."""

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, maximize=True)
    history = []
    for _ in range(n_iter):
        model.zero_grad()
        history.append(model.gain.item())
        score = -loss_fn(model(source), target)
        score.backward()
        optimizer.step()
    return history
