"""One optimiser is made for the first model and used for all."""
# costs: test_fit_gain, test_phase_shift, test_recover_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    global optimizer
    if "optimizer" not in globals():
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss_fn(model(source), target).backward()
        optimizer.step()
    return history
