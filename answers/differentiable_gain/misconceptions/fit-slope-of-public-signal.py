"""Cheat: the gain falls by the step that is right for the notebook's own signal, and stops at 0.15."""
# costs: test_fit_gain, test_phase_shift, test_recover_gain
# varies: test_recover_gain::test_recovers_the_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        step = lr * 0.6366
        model.gain.data += -step if model.gain.item() > true_gain else step
    return history
