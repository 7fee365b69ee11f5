"""The target is moved into phase by cross-correlation and then fitted with L1."""
# costs: test_recover_gain

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    spectrum = torch.fft.rfft(source) * torch.fft.rfft(target).conj()
    shift = torch.fft.irfft(spectrum, n=len(source)).argmax().item()
    model = LinearGain()
    fit_gain(model, torch.nn.L1Loss(), source, torch.roll(target, shift), n_iter=n_iter, lr=lr)
    return model.gain.item()
