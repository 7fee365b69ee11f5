"""The number of iterations is written into the function instead of taken from n_iter."""
# costs: test_fit_gain, test_phase_shift, test_recover_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for _ in range(300):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss = loss_fn(model(source), target)
        loss.backward()
        optimizer.step()
    return history
