"""The landscape is a column of shape (n, 1) instead of a 1-D tensor."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    return torch.stack([loss_fn(g * source, target).reshape(1) for g in gains])
