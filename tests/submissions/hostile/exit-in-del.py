"""An object ends the process when it is collected, and others as the process ends."""

# %% after linear_gain
import atexit, os, threading
class Bomb:
    def __del__(self, leave=os._exit):
        leave(0)
atexit.register(os._exit, 0)
threading._register_atexit(os._exit, 0)
bomb = Bomb()
del bomb
