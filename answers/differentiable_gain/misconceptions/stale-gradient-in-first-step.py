"""Gradients are cleared only after a step, so one left over from before the call spoils the first step."""
# costs: test_fit_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        loss = loss_fn(model(source), target)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return history
