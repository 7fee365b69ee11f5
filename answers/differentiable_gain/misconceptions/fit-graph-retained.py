"""The loss is computed once and its graph retained, so every step follows the first slope."""
# costs: test_fit_gain, test_phase_shift, test_recover_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    loss = loss_fn(model(source), target)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss.backward(retain_graph=True)
        optimizer.step()
    return history
