"""A hundred thousand empty arrays in one answer."""
# earns: test_spectral_loss=0

# %% after setup
import json, struct
layout = json.dumps({str(n): {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for n in range(100_000)}).encode()
body = struct.pack("<Q", len(layout)) + layout
def change(answer, arrays):
    header = json.dumps(answer).encode()
    return b"AGK1" + struct.pack("!II", len(header), len(body)) + header + body
lie(change, "test_spectral_loss")
