"""Sets every limit of its own to zero."""

# %% after linear_gain
import resource
for name in ("RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_STACK", "RLIMIT_DATA", "RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_NPROC"):
    try:
        resource.setrlimit(getattr(resource, name), (0, 0))
    except (OSError, ValueError):
        pass
bytearray(2**30)
