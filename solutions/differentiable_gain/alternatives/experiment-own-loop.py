"""The experiment has its own training loop."""

# %% phase_shift_experiment
model = LinearGain(1)
sgd = torch.optim.SGD(model.parameters(), lr=0.01)
for step in range(300):
    sgd.zero_grad()
    torch.nn.functional.l1_loss(model(orig_audio), shifted_target_audio).backward()
    sgd.step()
l1_estimate = float(model.gain)
print(f"{l1_estimate = :.4f}")
