"""Cells answer with something that is no list of outputs."""
# base: release

# %% after setup
odd = [None, {}, "24.0", [24.0], [[]], 24]
def change(answer, arrays):
    odd.append(odd.pop(0))
    return {**answer, "outputs": odd[0]}, {}
lie(change)
