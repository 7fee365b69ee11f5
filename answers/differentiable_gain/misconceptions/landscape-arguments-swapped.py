"""Target and estimate are swapped in the call of the loss, which matters when it is not symmetric."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    return torch.stack([loss_fn(target, g * source) for g in gains])
