"""The fit stops when the gain moves by less than 1e-5, and pads the history."""
# costs: test_fit_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    while len(history) < n_iter:
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss_fn(model(source), target).backward()
        optimizer.step()
        if abs(model.gain.item() - history[-1]) < 1e-5:
            break
    return history + [model.gain.item()] * (n_iter - len(history))
