"""The magnitudes are computed once, and an L1 fit is run on them."""

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    with torch.no_grad():
        X, Y = torch.fft.rfft(source).abs(), torch.fft.rfft(target).abs()
    model = LinearGain(gain=1)
    fit_gain(model, torch.nn.L1Loss(), X, Y, n_iter=n_iter, lr=lr)
    return model.gain.item()
