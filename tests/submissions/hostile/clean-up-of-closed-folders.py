"""Folders that nobody may list or enter, with files in them, in folders of the same kind."""
# modes: bare user

# %% after linear_gain
import os
os.makedirs("plain/inner")
open("plain/file", "w").close()
open("plain/inner/file", "w").close()
for name in ("write-only", "write-only/again"):
    os.mkdir(name, 0o300)
os.rename("plain/file", "write-only/file")
os.rename("plain/inner", "write-only/again/inner")
os.mkdir("write-only/nothing", 0)
os.mkdir("nothing", 0)
os.umask(0o777)
open("write-only/closed", "w").close()
