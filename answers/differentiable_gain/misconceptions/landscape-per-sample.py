"""The landscape is a matrix with an error for every sample instead of a loss for every gain."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    return (gains[:, None] * source - target).abs()
