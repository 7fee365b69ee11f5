"""Displays for ever."""
# limits: cell=2.5 question=5 submission=40

# %% after linear_gain
while True:
    display({"text/plain": "24.0", "text/html": "<b>24.0</b>" * 100}, raw=True)
