"""The history is a default argument, so it grows from call to call."""
# costs: test_fit_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01, history=[]):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss_fn(model(source), target).backward()
        optimizer.step()
    return history
