"""The function has a loop of its own, with Adam instead of plain gradient descent."""
# costs: test_recover_gain
# varies: test_recover_gain::test_recovers_other_gains
# varies: test_recover_gain::test_recovers_the_gain

# %% recover_gain
def estimate_gain(source, target, n_iter=300, lr=0.01):
    model, loss_fn = LinearGain(), SpectralLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=5 * lr)
    for _ in range(n_iter):
        optimizer.zero_grad()
        loss_fn(model(source), target).backward()
        optimizer.step()
    return model.gain.item()
