"""Answers with ids that nobody asked with: old ones, none, and another type."""
# earns: test_spectral_loss=0

# %% after setup
ids = ["0" * 16, None, 0, [], {}]
def change(answer, arrays):
    ids.append(ids.pop(0))
    return {**answer, "id": ids[0]}, arrays
lie(change, "test_spectral_loss")
