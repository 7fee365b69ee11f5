"""One number in as many dimensions as an array may have, and more than can be broadcast."""
# earns: test_linear_gain=0

# %% after setup
def change(answer, arrays):
    return answer, {name: array.reshape((1,) * 64) if array.size == 1 else array for name, array in arrays.items()}
lie(change, "test_linear_gain")
