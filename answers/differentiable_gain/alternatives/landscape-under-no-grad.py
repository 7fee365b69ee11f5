"""The landscape is computed without gradients, from Python floats."""

# %% loss_landscape
@torch.no_grad()
def loss_landscape(loss_fn, gains, source, target):
    return torch.tensor([float(loss_fn(source * g.item(), target)) for g in gains])
