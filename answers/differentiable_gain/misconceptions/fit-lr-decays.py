"""The learning rate shrinks in every iteration instead of staying the same."""
# costs: test_fit_gain, test_phase_shift, test_recover_gain
# varies: test_phase_shift::test_l1_estimates

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.98)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss = loss_fn(model(source), target)
        loss.backward()
        optimizer.step()
        scheduler.step()
    return history
