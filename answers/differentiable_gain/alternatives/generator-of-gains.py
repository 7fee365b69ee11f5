"""A generator does the training, and a list comprehension collects the gains."""

# %% fit_gain
def descend(model, loss_fn, source, target, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    while True:
        before = model.gain.item()
        optimizer.zero_grad(set_to_none=True)
        loss_fn(model(source), target).backward()
        optimizer.step()
        yield before


def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    steps = descend(model, loss_fn, source, target, lr)
    return [next(steps) for _ in range(n_iter)]
