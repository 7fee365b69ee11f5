"""Calls that Landlock does not cover or that make a way around it."""
# base: release
# machine: x86_64
# modes: bare user

# %% after setup
import os
for name, number, *arguments in (
        ("io_uring_setup", 425, 8, 0), ("io_uring_enter", 426, 0, 0, 0, 0, 0, 0), ("memfd_create", 319, 0, 0),
        ("memfd_secret", 447, 0), ("execveat", 322, 0, 0, 0, 0, 0), ("execve", 59, 0, 0, 0), ("userfaultfd", 323, 0),
        ("bpf", 321, 0, 0, 0), ("keyctl", 250, 0, 0), ("add_key", 248, 0, 0, 0, 0, 0), ("mount", 165, 0, 0, 0, 0, 0),
        ("umount", 166, 0, 0), ("pivot_root", 155, 0, 0), ("chroot", 161, 0), ("unshare", 272, 0x10000000), ("setns", 308, 0, 0),
        ("perf_event_open", 298, 0, 0, 0, 0, 0), ("name_to_handle_at", 303, 0, 0, 0, 0, 0), ("open_by_handle_at", 304, 0, 0, 0),
        ("open_tree", 428, 0, 0, 0), ("fsopen", 430, 0, 0), ("move_mount", 429, 0, 0, 0, 0, 0), ("openat2", 437, 0, 0, 0, 0),
        ("pidfd_getfd", 438, 0, 0, 0), ("pidfd_send_signal", 424, 0, 0, 0, 0), ("inotify_init", 253), ("fanotify_init", 300, 0, 0),
        ("setxattr", 188, 0, 0, 0, 0, 0), ("mknod", 133, 0, 0, 0), ("mknodat", 259, 0, 0, 0, 0), ("quotactl", 179, 0, 0, 0, 0),
        ("swapon", 167, 0, 0), ("reboot", 169, 0, 0, 0, 0), ("kexec_load", 246, 0, 0, 0, 0), ("init_module", 175, 0, 0, 0),
        ("iopl", 172, 0), ("modify_ldt", 154, 0, 0, 0), ("personality", 135, 0x0040000), ("shmget", 29, 0, 4096, 0o1600),
        ("msgget", 68, 0, 0o1600), ("semget", 64, 0, 1, 0o1600), ("mq_open", 240, 0, 0, 0, 0), ("sethostname", 170, 0, 0),
        ("settimeofday", 164, 0, 0), ("adjtimex", 159, 0), ("syslog", 103, 3, 0, 0), ("acct", 163, 0), ("ptrace", 101, 0, 0, 0, 0),
        ("seccomp", 317, 1, 0, 0), ("landlock_create_ruleset", 444, 0, 0, 1), ("process_madvise", 440, 0, 0, 0, 0, 0),
        ("vmsplice", 278, 0, 0, 0, 0), ("splice", 275, 0, 0, 0, 0, 0, 0), ("ioprio_set", 251, 0, 0, 0), ("migrate_pages", 256, 0, 0, 0, 0)):
    returned, error = syscall(number, *arguments)
    if not (returned == -1 and error in (1, 38)):
        loot(name, returned, error)
