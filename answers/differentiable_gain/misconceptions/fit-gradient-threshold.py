"""Gradients below 1e-5 are taken for zero."""
# costs: test_fit_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss_fn(model(source), target).backward()
        if model.gain.grad.abs().max() > 1e-5:
            optimizer.step()
    return history
