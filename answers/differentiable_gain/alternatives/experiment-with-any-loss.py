"""The experiment is one case of a function of the loss, bound by functools.partial."""

# %% before phase_shift_experiment
import functools


def experiment(loss, source, target, n_iter=300, lr=0.01):
    """Return the gain that a fit from 1.0 finds."""
    model = LinearGain()
    fit_gain(model, loss, source, target, n_iter=n_iter, lr=lr)
    return model.gain.detach().numpy().item()

# %% phase_shift_experiment
estimate_gain_l1 = functools.partial(experiment, torch.nn.L1Loss())
print("aligned", estimate_gain_l1(orig_audio, target_audio), "shifted", estimate_gain_l1(orig_audio, shifted_target_audio))
