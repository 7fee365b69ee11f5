"""All signals are blocked and ignored, every exception is caught, and the loop goes on."""
# limits: cell=2.5 question=5 submission=40
# modes: bare user

# %% after linear_gain
import signal
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
