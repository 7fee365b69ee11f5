"""Starts processes by every way that Python has; each would end by itself."""
# modes: bare user

# %% after linear_gain
import multiprocessing, os, pty, subprocess, time
def works(start):
    try:
        found = start()
    except (OSError, RuntimeError):
        return
    if found == 0:
        time.sleep(2)
        os._exit(0)
    loot("a process", found)
for _ in range(20):
    works(os.fork)
works(os.forkpty)
works(lambda: subprocess.Popen(["/bin/sleep", "2"]).pid)
works(lambda: os.posix_spawn("/bin/sleep", ["sleep", "2"], {}))
works(lambda: os.spawnv(os.P_NOWAIT, "/bin/sleep", ["sleep", "2"]))
for method in ("fork", "spawn", "forkserver"):
    process = multiprocessing.get_context(method).Process(target=time.sleep, args=(2,))
    works(lambda: process.start() or process.pid)
if os.system("true") == 0:
    loot("a shell")
os.execv("/bin/sleep", ["sleep", "0"])
