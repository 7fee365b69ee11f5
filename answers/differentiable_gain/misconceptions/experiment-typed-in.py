"""Cheat: 0.15 is typed in, but the experiment does not find the true gain."""
# costs: test_phase_shift

# %% phase_shift_experiment
l1_estimate = 0.15
