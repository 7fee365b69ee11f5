"""TCP, UDP, names, Unix sockets by path and abstract, raw, netlink and vsock; listens as well."""
# base: release
# modes: bare user

# %% after setup
import socket, urllib.request
def works(what, attempt):
    try:
        loot(what, attempt())
    except (OSError, ValueError):
        pass
works("tcp", lambda: socket.create_connection(("127.0.0.1", PORT), timeout=2))
works("tcp6", lambda: socket.create_connection(("::1", PORT), timeout=2))
works("listen", lambda: socket.create_server(("127.0.0.1", 0)))
works("name", lambda: socket.getaddrinfo("example.org", 80))
works("http", lambda: urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=2))
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_VSOCK, 38, 44):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        works((family, kind), lambda: socket.socket(family, kind))
one, other = socket.socketpair()
works("connect", lambda: one.connect("\0abstract"))
works("bind", lambda: one.bind("\0abstract"))
works("send to", lambda: one.sendto(b"x", "\0abstract"))
works("descriptors", lambda: socket.send_fds(one, [b"x"], [0]))
works("pair", lambda: socket.socketpair(socket.AF_INET))
