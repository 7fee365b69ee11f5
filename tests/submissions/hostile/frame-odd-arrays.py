"""Arrays of types, shapes and sizes that the protocol does not have."""
# earns: test_spectral_loss=0

# %% after setup
import json, struct
odd = [("F16", [1], 2), ("U8", [1], 1), ("BOOL", [0, 2**64 - 1], 0), ("F64", [2**63], 8), ("F32", [1] * 100, 4),
       ("F32", [-1], 4), ("F32", [2**32, 2**32], 0), ("C64", [1], 8)]
def change(answer, arrays):
    odd.append(odd.pop(0))
    dtype, shape, size = odd[0]
    layout = json.dumps({"loss": {"dtype": dtype, "shape": shape, "data_offsets": [0, size]}}).encode()
    body = struct.pack("<Q", len(layout)) + layout + bytes(size)
    header = json.dumps(answer).encode()
    return b"AGK1" + struct.pack("!II", len(header), len(body)) + header + body
lie(change, "test_spectral_loss")
