"""A cell loops for ever."""
# limits: cell=2.5 question=5 submission=40

# %% after linear_gain
while True:
    pass
