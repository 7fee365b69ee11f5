"""A penalty on the gain is added to the loss."""
# costs: test_fit_gain, test_phase_shift, test_recover_gain
# varies: test_recover_gain::test_recovers_the_gain, test_phase_shift::test_l1_estimates

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss = loss_fn(model(source), target) + 0.3 * (model.gain**2).sum()
        loss.backward()
        optimizer.step()
    return history
