"""The estimate is the last gain of a history that has one step more."""

# %% phase_shift_experiment
def estimate_gain_l1(source, target, n_iter=300, lr=0.01):
    history = fit_gain(LinearGain(), torch.nn.L1Loss(), source, target, n_iter=n_iter + 1, lr=lr)
    plt.plot(history)
    plt.close()
    return history[-1]
