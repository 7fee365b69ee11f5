"""SGD in its foreach form, over the gain alone, gradients zeroed and not dropped."""

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    opt = torch.optim.SGD([model.gain], lr=lr, momentum=0.0, weight_decay=0.0, foreach=True)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        opt.zero_grad(set_to_none=False)
        loss_fn(model(source), target).backward()
        opt.step()
    return history
