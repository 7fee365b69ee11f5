"""The landscape is that of the notebook's signals instead of the ones passed in."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    return torch.stack([loss_fn(g * orig_audio, shifted_target_audio) for g in gains])
