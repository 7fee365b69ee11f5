"""torch.nn.L1Loss is given another meaning, so the experiment minimises the squared error."""
# costs: test_phase_shift

# %% before linear_gain
torch.nn.L1Loss = torch.nn.MSELoss
