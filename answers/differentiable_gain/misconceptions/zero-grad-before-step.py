"""Gradients are cleared between backward() and step(), so the step has nothing to go by."""
# costs: test_fit_gain, test_phase_shift, test_recover_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        loss = loss_fn(model(source), target)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
    return history
