"""Headers nested deeper than any stack, and just as deep as the parser takes."""
# earns: test_spectral_loss=0

# %% after setup
import struct
depths = [200_000, 990, 950, 900, 800, 500]
def change(answer, arrays):
    depths.append(depths.pop(0))
    header = b'{"op":"observed","id":"%s","values":{"loss":%s}}' % (
        answer["id"].encode(), b"[" * depths[0] + b"]" * depths[0])
    return b"AGK1" + struct.pack("!II", len(header), 0) + header
lie(change, "test_spectral_loss")
