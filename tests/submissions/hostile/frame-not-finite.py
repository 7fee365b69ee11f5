"""Headers with NaN, Infinity and 1e999 in them."""
# earns: test_spectral_loss=0

# %% after setup
import json, struct
odd = ["NaN", "-Infinity", "1e999", "-1e999"]
def change(answer, arrays):
    odd.append(odd.pop(0))
    header = json.dumps({**answer, "values": {"loss": 0}}).replace('"loss": 0', f'"loss": {odd[0]}').encode()
    return b"AGK1" + struct.pack("!II", len(header), 0) + header
lie(change, "test_spectral_loss")
