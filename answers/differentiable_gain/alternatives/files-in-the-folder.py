"""The history is saved to a file, read back and plotted."""

# %% after fit_gain
import json
from pathlib import Path


def save(history, name="history.json"):
    Path(name).write_text(json.dumps(history))
    return json.loads(Path(name).read_text())

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    model = LinearGain()
    history = save(fit_gain(model, torch.nn.L1Loss(), source, target, n_iter=n_iter, lr=lr))
    torch.save(model.state_dict(), "model.pt")
    fig, ax = plt.subplots()
    ax.plot(history)
    fig.savefig("history.png")
    plt.close(fig)
    return torch.load("model.pt")["gain"].item()
