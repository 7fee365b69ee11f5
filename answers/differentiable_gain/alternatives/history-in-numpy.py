"""The gains are written into a NumPy array and turned into a list at the end."""

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    gains = np.empty(n_iter)
    for i in range(n_iter):
        gains[i] = model.gain.detach().numpy().squeeze()
        optimizer.zero_grad()
        torch.autograd.backward(loss_fn(model(source), target), inputs=[model.gain])
        optimizer.step()
    return gains.tolist()
