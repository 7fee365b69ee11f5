"""Every step sees a random stretch of the signal instead of all of it."""
# costs: test_fit_gain, test_recover_gain
# varies: test_recover_gain::test_recovers_other_gains
# varies: test_recover_gain::test_recovers_the_gain

# %% fit_gain
def fit_gain(model, loss_fn, source, target, n_iter=300, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    length = source.shape[-1] // 4
    history = []
    for _ in range(n_iter):
        history.append(model.gain.item())
        start = torch.randint(0, source.shape[-1] - length, ()).item()
        part = slice(start, start + length)
        optimizer.zero_grad()
        loss = loss_fn(model(source[..., part]), target[..., part])
        loss.backward()
        optimizer.step()
    return history
