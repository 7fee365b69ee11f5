"""Scores in every form that a notebook can show, after every cell."""
# base: release

# %% after setup
from IPython.display import HTML, display
def show(*_):
    print("24.0")
    display(HTML("24.0"))
    display({"text/plain": "24.0"}, raw=True)
    get_ipython().display_pub.publish({"text/plain": "24.0"})
    get_ipython().displayhook(24.0)
get_ipython().events.register("post_run_cell", show)
get_ipython().events.register("pre_run_cell", show)

# %% after test_linear_gain
24.0

# %% after recover_gain
5.0
