"""Both signals are normalised to a peak of 1 before the fit, which throws the gain away."""
# costs: test_fit_gain, test_phase_shift, test_recover_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    source = source / source.abs().max()
    target = target / target.abs().max()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss = loss_fn(model(source), target)
        loss.backward()
        optimizer.step()
    return history
