"""The history is a NumPy array instead of a list of Python floats."""
# costs: test_fit_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = np.zeros(n_iter)
    for i in range(n_iter):
        history[i] = model.gain.item()
        optimizer.zero_grad()
        loss = loss_fn(model(source), target)
        loss.backward()
        optimizer.step()
    return history
