"""The gains that were passed in are ignored in favour of a fixed range from 0 to 2."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    return torch.stack([loss_fn(g * source, target) for g in torch.linspace(0, 2, len(gains))])
