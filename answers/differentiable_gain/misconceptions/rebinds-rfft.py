"""torch.fft.rfft is given another meaning."""
# costs: test_spectral_loss, test_recover_gain

# %% before linear_gain
torch.fft.rfft = lambda x, *rest, **more: torch.fft.fft(x)[..., :3]
