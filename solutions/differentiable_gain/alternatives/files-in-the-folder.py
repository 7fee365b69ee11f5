"""The history is saved to a file, read back and plotted."""

# %% after fit_gain
import json
from pathlib import Path


def save(history, name="history.json"):
    Path(name).write_text(json.dumps(history))
    return json.loads(Path(name).read_text())

# %% phase_shift_experiment
model = LinearGain()
history = save(fit_gain(model, torch.nn.L1Loss(), orig_audio, shifted_target_audio))
torch.save(model.state_dict(), "model.pt")
fig, ax = plt.subplots()
ax.plot(history)
fig.savefig("history.png")
plt.close(fig)
l1_estimate = torch.load("model.pt")["gain"].item()
