"""Memory is never collected, hooks run at every collection and at every import."""

# %% after setup
import gc, sys
gc.disable()
gc.freeze()
gc.callbacks.append(lambda *_: 1 / 0)
sys.meta_path.insert(0, type("Finder", (), {"find_spec": staticmethod(lambda *_: None)}))
sys.excepthook = sys.unraisablehook = sys.displayhook = lambda *_: None
