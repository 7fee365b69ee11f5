"""Raises every limit of its own."""
# base: release

# %% after setup
import resource
for name in ("RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_NPROC"):
    kind = getattr(resource, name)
    for limits in ((resource.RLIM_INFINITY,) * 2, (resource.getrlimit(kind)[0], resource.RLIM_INFINITY)):
        try:
            resource.setrlimit(kind, limits)
            if name != "RLIMIT_NPROC":
                loot(name, resource.getrlimit(kind))
        except (OSError, ValueError):
            pass
