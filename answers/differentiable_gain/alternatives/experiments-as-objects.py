"""Both experiments are objects of one class that can be called."""

# %% phase_shift_experiment
class Experiment:
    loss = torch.nn.L1Loss

    def __call__(self, source, target, n_iter=300, lr=0.01):
        model = LinearGain(1.0)
        fit_gain(model, self.loss(), source, target, n_iter=n_iter, lr=lr)
        return float(model.gain.detach().numpy().item())


estimate_gain_l1 = Experiment()

# %% recover_gain
class SpectralExperiment(Experiment):
    loss = SpectralLoss


estimate_gain = SpectralExperiment()
