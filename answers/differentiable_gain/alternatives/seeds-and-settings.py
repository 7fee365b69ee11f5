"""Seeds, threads, print options, a plot style and anomaly detection are set for the whole notebook."""

# %% before linear_gain
import random
import warnings

random.seed(0)
np.random.seed(0)
torch.manual_seed(0)
torch.set_num_threads(1)
torch.set_printoptions(precision=3)
np.set_printoptions(precision=2)
torch.autograd.set_detect_anomaly(True, check_nan=False)
plt.style.use("dark_background")
warnings.simplefilter("ignore")
