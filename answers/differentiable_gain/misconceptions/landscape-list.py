"""The landscape is a Python list instead of a tensor."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    return [loss_fn(g * source, target).item() for g in gains]
