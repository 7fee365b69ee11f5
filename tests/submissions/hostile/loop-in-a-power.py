"""A huge integer power, which no signal interrupts."""
# limits: cell=2.5 question=5 submission=40

# %% after linear_gain
len(str(7 ** 10 ** 8))
