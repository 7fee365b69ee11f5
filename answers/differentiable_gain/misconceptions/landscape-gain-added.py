"""The gain is added to the source instead of multiplied."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    return torch.stack([loss_fn(g + source, target) for g in gains])
