"""The landscape goes through a list of Python floats and a NumPy array."""

# %% loss_landscape
def loss_landscape(loss_fn, gains, source, target):
    losses = []
    for g in gains.tolist():
        losses.append(loss_fn(source * g, target).item())
    return torch.from_numpy(np.array(losses))
