"""Threads go on after their cell and during the questions: they print, write to the socket's neighbours and redefine."""

# %% after recover_gain
import threading, time
def busy():
    until = time.monotonic() + 30
    while time.monotonic() < until:
        print("24.0")
        globals()["unrelated"] = time.monotonic()
        time.sleep(0.001)
for _ in range(4):
    threading.Thread(target=busy, daemon=True).start()
