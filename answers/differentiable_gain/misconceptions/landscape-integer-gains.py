"""The gains are rounded to integers."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    return torch.stack([loss_fn(int(g) * source, target) for g in gains])
