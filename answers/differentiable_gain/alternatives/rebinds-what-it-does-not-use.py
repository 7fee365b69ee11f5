"""Names of torch, NumPy and Python are given other meanings, none of which the solution uses."""

# %% before linear_gain
torch.nn.MSELoss = torch.nn.SmoothL1Loss = None
torch.optim.Adam = torch.ones = torch.full_like = torch.as_tensor = None
np.array = np.asarray

# %% after test_recover_gain
sum = max = sorted = None
torch.from_numpy = torch.full = torch.zeros_like = None
import copy
copy.deepcopy = None
