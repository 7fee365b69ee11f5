"""The default dtype of the notebook is double precision."""

# %% before linear_gain
torch.set_default_dtype(torch.float64)
