"""A hook on the parameter takes the step as soon as its gradient is there."""

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    history = []
    model.gain.grad = None

    def step(parameter):
        with torch.no_grad():
            parameter -= lr * parameter.grad
        parameter.grad = None

    hook = model.gain.register_post_accumulate_grad_hook(step)
    try:
        for _ in range(n_iter):
            history.append(model.gain.item())
            loss_fn(model(source), target).backward()
    finally:
        hook.remove()
    return history
