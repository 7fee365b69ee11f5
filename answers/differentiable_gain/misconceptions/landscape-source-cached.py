"""The first source and target are kept."""
# costs: test_phase_shift

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    pair = loss_landscape.__dict__.setdefault("pair", (source, target))
    if pair[0].shape == source.shape:
        source = pair[0]
    return torch.stack([loss_fn(g * source, target) for g in gains])
