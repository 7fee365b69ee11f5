"""A schedule that multiplies the learning rate by one."""

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD([model.gain], lr=lr, foreach=False)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1.0)
    history = []
    for _ in range(n_iter):
        history.append(model.gain.detach().cpu().double().item())
        optimizer.zero_grad(set_to_none=False)
        loss = loss_fn(model(source), target)
        loss.backward()
        optimizer.step()
        scheduler.step()
    return history
