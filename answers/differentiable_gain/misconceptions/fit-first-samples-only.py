"""Only the first 40 samples are fitted."""
# costs: test_fit_gain, test_phase_shift, test_recover_gain
# varies: test_phase_shift::test_l1_estimates
# varies: test_recover_gain::test_recovers_other_gains

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    source, target = source[..., :40], target[..., :40]
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss = loss_fn(model(source), target)
        loss.backward()
        optimizer.step()
    return history
