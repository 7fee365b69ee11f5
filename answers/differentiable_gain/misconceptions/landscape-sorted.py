"""The losses are sorted, so they no longer belong to their gains."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    return torch.stack([loss_fn(g * source, target) for g in gains]).sort(descending=True).values
