"""Cells answer with hundreds of thousands of outputs, each of two signs, and of many bytes once it is read."""
# base: release

# %% after setup
wire = sys.modules["autograder.sandbox.inside.wire"]
def change(answer, arrays):
    header = b'{"op":"ran","id":"%s","outputs":[%s{}]}' % (answer["id"].encode(), b"{}," * 400_000)
    return wire.PREFIX.pack(wire.MAGIC, len(header), 0) + header
lie(change)
