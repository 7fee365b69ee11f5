"""Gains are kept between -10 and 10."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    return torch.stack([loss_fn(g * source, target) for g in gains.clamp(-10, 10)])
