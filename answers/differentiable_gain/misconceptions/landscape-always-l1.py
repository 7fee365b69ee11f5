"""The loss function that was passed in is ignored: the landscape is always that of L1."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    return torch.stack([(g * source - target).abs().mean() for g in gains])
