"""The landscape is one call of torch.vmap over the gains."""

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    return torch.vmap(lambda g: loss_fn(g * source, target))(gains)
