"""The loop stops as soon as the loss is small, so the history is shorter than n_iter."""
# costs: test_fit_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss = loss_fn(model(source), target)
        if loss.item() < 1e-3:
            break
        loss.backward()
        optimizer.step()
    return history
