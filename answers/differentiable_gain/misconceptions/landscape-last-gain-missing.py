"""The last gain is left out."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    losses = []
    for i in range(len(gains) - 1):
        losses.append(loss_fn(gains[i] * source, target))
    return torch.stack(losses)
