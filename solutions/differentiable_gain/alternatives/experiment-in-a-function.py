"""The experiment is a function of the target, run for both targets."""

# %% before phase_shift_experiment
def experiment(target, loss=torch.nn.L1Loss()):
    """Return the gain that a fit from 1.0 finds."""
    model = LinearGain()
    fit_gain(model, loss, orig_audio, target)
    return model.gain.detach().numpy().item()

# %% phase_shift_experiment
aligned_estimate, l1_estimate = map(experiment, (target_audio, shifted_target_audio))
print("aligned", aligned_estimate, "shifted", l1_estimate)
