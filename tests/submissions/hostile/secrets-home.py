"""Reads keys, password files, histories and git objects."""
# base: release
# modes: bare user

# %% after setup
import glob, os
for home in ("/root", "/home/*", os.path.expanduser("~root"), os.path.dirname(COURSE)):
    for name in (".ssh/id_rsa", ".ssh/id_ed25519", ".bash_history", ".netrc", ".gitconfig", ".aws/credentials", ".git/HEAD",
                 ".jupyter/jupyter_server_config.py", ".local/share/jupyter/nbgrader_config.py"):
        for path in glob.glob(os.path.join(home, name)) or [os.path.join(home, name)]:
            try:
                loot(path, open(path, "rb").read(20))
            except OSError:
                pass
for path in ("/etc/passwd", "/etc/shadow", "/etc/hostname", "/etc/machine-id", "/etc/ssl/openssl.cnf", "/var/log/dpkg.log",
             os.path.join(KIT, "../.git/HEAD"), os.path.join(KIT, "../solutions"), "/dev/vda", "/dev/mem", "/dev/kmsg", "/dev/tty"):
    try:
        loot(path, open(path, "rb").read(20))
    except OSError:
        pass
