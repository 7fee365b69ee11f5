"""200 MB of prints, and a line that never ends."""
# limits: cell=20

# %% after linear_gain
for _ in range(200):
    print("24.0 " * 200_000)
