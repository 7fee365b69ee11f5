"""Values of the wrong types under every name, integers beyond every float among them."""
# earns: test_spectral_loss=0

# %% after setup
odd = [10**400, -10**4000, None, True, "24", ["24"] * 1000, {"a": {}}, [[]], 1e308, "\ud800"]
def change(answer, arrays):
    odd.append(odd.pop(0))
    return {**answer, "values": {name: odd[0] for name in [*answer.get("values", {}), *(arrays or {})]}}, {}
lie(change, "test_spectral_loss")
