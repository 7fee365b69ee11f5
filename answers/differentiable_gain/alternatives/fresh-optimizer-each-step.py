"""A new optimiser is made in every iteration; plain SGD has nothing to remember."""

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        optimizer.zero_grad()
        loss_fn(model(source), target).backward()
        optimizer.step()
    return history
