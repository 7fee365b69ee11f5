"""The experiment has its own training loop."""

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    model = LinearGain(1)
    sgd = torch.optim.SGD(model.parameters(), lr=lr)
    for step in range(n_iter):
        sgd.zero_grad()
        torch.nn.functional.l1_loss(model(source), target).backward()
        sgd.step()
    return float(model.gain)


print(f"{estimate_gain_l1(orig_audio, shifted_target_audio) = :.4f}")
