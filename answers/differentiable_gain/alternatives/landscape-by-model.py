"""The landscape asks a LinearGain for every point."""

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    points = []
    for g in gains:
        model = LinearGain(gain=g.item())
        points.append(loss_fn(model(source), target).detach().reshape(1))
    return torch.cat(points)
