"""The fit switches the model to training mode."""

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss_fn(model(source), target).backward()
        optimizer.step()
    return history
