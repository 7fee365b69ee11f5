"""The fit stops when the gain moves by less than 1e-4, and pads the history."""
# costs: test_fit_gain
# varies: test_fit_gain::test_follows_plain_descent
# varies: test_fit_gain::test_small_steps
# varies: test_fit_gain::test_asked_again

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    while len(history) < n_iter:
        history.append(model.gain.item())
        optimizer.zero_grad()
        loss_fn(model(source), target).backward()
        optimizer.step()
        if abs(model.gain.item() - history[-1]) < 1e-4:
            break
    return history + [model.gain.item()] * (n_iter - len(history))
