"""The losses are added up along the way instead of kept apart."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    total, losses = 0.0, []
    for g in gains:
        total = total + loss_fn(g * source, target)
        losses.append(total)
    return torch.stack(losses)
