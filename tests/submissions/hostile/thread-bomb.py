"""Starts a thousand threads with small stacks, which stay for a while; a few hundred may start."""
# modes: bare user

# %% after linear_gain
import threading, time
threading.stack_size(65536)
count = 0
until = time.monotonic() + 2
try:
    for count in range(1000):
        threading.Thread(target=lambda: time.sleep(max(0, until - time.monotonic())), daemon=True).start()
except RuntimeError:
    print("no more")
if count > 300:
    loot("threads", count)
time.sleep(2)
