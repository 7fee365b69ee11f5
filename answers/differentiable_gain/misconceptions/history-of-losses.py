"""The history holds the losses instead of the gains."""
# costs: test_fit_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for _ in range(n_iter):
        optimizer.zero_grad()
        loss = loss_fn(model(source), target)
        history.append(loss.item())
        loss.backward()
        optimizer.step()
    return history
