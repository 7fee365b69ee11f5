"""Answers of other kinds: none, lists for texts, errors with huge and odd texts."""
# earns: test_spectral_loss=0

# %% after setup
odd = [{"op": "observed"}, {"op": "observed", "values": []}, {"op": []}, {"op": "undefined", "name": "A" * 5_000_000},
       {"op": "raised", "error": ["x"] * 10**5, "message": {"a": "B" * 10**6}, "traceback": "\ud800\x00" * 10**5}]
def change(answer, arrays):
    odd.append(odd.pop(0))
    return {"id": answer["id"], **odd[0]}, {}
lie(change, "test_spectral_loss")
