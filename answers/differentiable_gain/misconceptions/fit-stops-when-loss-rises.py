"""The fit stops when the loss rises."""
# costs: test_fit_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    history, last = [], float("inf")
    for _ in range(n_iter):
        history.append(model.gain.item())
        model.gain.grad = None
        loss = loss_fn(model(source), target)
        loss.backward()
        if loss.item() > 1.0001 * last:
            last = -1
        else:
            last = loss.item()
            with torch.no_grad():
                model.gain -= lr * model.gain.grad
    return history
