"""The landscape is filled into a preallocated tensor under no_grad."""

# %% loss_landscape
@torch.no_grad()
def loss_landscape(loss_fn, gains, source, target):
    losses = torch.zeros(len(gains))
    for i, g in enumerate(gains):
        losses[i] = loss_fn(g * source, target)
    return losses
