"""fit_gain prints now and then and leaves a plot of the gain."""

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for i in range(n_iter):
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss = loss_fn(model(source), target)
        loss.backward()
        optimizer.step()
        if i % 100 == 0:
            print(f"{i:4d}  loss {loss.item():.4f}  gain {history[-1]:.4f}")
    fig, ax = plt.subplots()
    ax.plot(history)
    ax.set(xlabel="iteration", ylabel="gain")
    plt.close(fig)
    return history
