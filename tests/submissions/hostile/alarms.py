"""Alarms, timers and descriptors that wake the process in the next question."""

# %% after recover_gain
import faulthandler, signal
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
faulthandler.cancel_dump_traceback_later()
