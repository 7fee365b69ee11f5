"""The position in the list is used as the gain instead of the gain at that position."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    return torch.stack([loss_fn(i * source, target) for i in range(len(gains))])
