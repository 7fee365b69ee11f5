"""Each gain is applied to the signal that the gain before it has already scaled."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    losses = []
    for g in gains:
        source = g * source
        losses.append(loss_fn(source, target))
    return torch.stack(losses)
