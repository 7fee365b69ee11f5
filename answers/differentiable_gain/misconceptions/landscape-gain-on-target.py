"""The gain is applied to the target instead of the source."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    return torch.stack([loss_fn(source, g * target) for g in gains])
