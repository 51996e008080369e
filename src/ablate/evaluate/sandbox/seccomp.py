"""A filter of system calls that no program which solves a problem needs: memory outside of any account, tracing, keys, other namespaces."""

import platform
import struct

_ERRNO, _ALLOW, _KILL = 0x00050001, 0x7FFF0000, 0x80000000
_X86 = (101, 155, 165, 166, 169, 175, 176, 246, 248, 249, 250, 272, 298, 308, 310, 311, 313, 319, 321, 323, 425, 426, 427, 434, 447)
_ARM = (39, 40, 41, 97, 104, 105, 106, 117, 142, 217, 218, 219, 241, 268, 270, 271, 273, 279, 280, 282, 425, 426, 427, 434, 447)
_DENIED = {"x86_64": (0xC000003E, _X86), "aarch64": (0xC00000B7, _ARM)}
"""By machine, its number as auditing has it, and the calls: ptrace, pivot_root, mount, umount2, reboot, init_module, delete_module,
kexec_load, add_key, request_key, keyctl, unshare, perf_event_open, setns, process_vm_readv and -writev, finit_module, memfd_create, bpf,
userfaultfd, io_uring_*, pidfd_open, memfd_secret."""
_X32 = 0x40000000


def program() -> bytes | None:
    """The filter as a BPF program, for this machine; None where its calls are not known here."""
    known = _DENIED.get(platform.machine())
    if known is None:
        return None
    architecture, calls = known
    count = len(calls)

    def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("HBBI", code, yes, no, value)

    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    steps = [step(load, 4), step(equal, architecture, 1, 0), step(give, _KILL), step(load, 0), step(at_least, _X32, count + 1, 0)]
    steps += [step(equal, call, count - place, 0) for place, call in enumerate(calls)]
    return b"".join([*steps, step(give, _ALLOW), step(give, _ERRNO)])
