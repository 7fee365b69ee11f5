"""Adam is used instead of plain gradient descent, and with its own default rate."""
# costs: test_fit_gain, test_phase_shift, test_recover_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.Adam(model.parameters())
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss = loss_fn(model(source), target)
        loss.backward()
        optimizer.step()
    return history
