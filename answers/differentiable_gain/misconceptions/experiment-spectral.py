"""The experiment uses a loss that cannot see the phase, so it finds the gain."""
# costs: test_phase_shift

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    def loss_fn(x, y):
        return (torch.fft.rfft(x).abs() - torch.fft.rfft(y).abs()).abs().mean()

    model = LinearGain()
    fit_gain(model, loss_fn, source, target, n_iter=n_iter, lr=lr)
    return model.gain.item()
