"""The fit stops when the loss is less than 1e-10, and pads the history."""
# costs: test_fit_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss = loss_fn(model(source), target)
        if 0 <= loss.item() < 1e-10:
            continue
        loss.backward()
        optimizer.step()
    return history
