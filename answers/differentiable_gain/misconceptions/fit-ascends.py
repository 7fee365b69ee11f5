"""The step goes up the slope instead of down."""
# costs: test_fit_gain, test_phase_shift, test_recover_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        model.gain.grad = None
        loss_fn(model(source), target).backward()
        with torch.no_grad():
            model.gain += lr * model.gain.grad
    return history
