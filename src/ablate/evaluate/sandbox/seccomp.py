"""A filter of system calls that no program which solves a problem needs: memory outside of any account, tracing, keys, other namespaces."""

import platform
import struct

_ERRNO, _ALLOW, _KILL = 0x00050001, 0x7FFF0000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _GIVE = 0x20, 0x15, 0x35, 0x45, 0x06
_CALL, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32 = 0x40000000
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_DENIED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "reboot": (169, 142),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
}
"""By name, its numbers on the two machines."""
_MMAP, _PRCTL = (9, 222), (157, 167)
_SHARED, _ANONYMOUS, _SET_DUMPABLE = 0x01, 0x20, 4


def program(machine: str | None = None) -> bytes | None:
    """The filter as a BPF program, for a machine; None where its calls are not known here.

    Memory that is shared and anonymous is denied too, since it can be held without being counted, and that a process hides itself from
    the watchdog.

    Args:
        machine: as `uname -m` has it; None: this one.
    """
    machine = machine or platform.machine()
    if machine not in _ARCHITECTURES:
        return None
    column = list(_ARCHITECTURES).index(machine)
    calls = [numbers[column] for numbers in _DENIED.values()]
    # From the end: 0 the denial, 1 the permission, then how mmap and prctl are told apart by what they are given.
    of_prctl = [_step(_LOAD, _ARGUMENTS), _step(_EQUAL, _SET_DUMPABLE, 1, 0)]
    of_mmap = [_step(_LOAD, _ARGUMENTS + 3 * 8), _step(_ANY_BIT, _ANONYMOUS, 0, 3), _step(_ANY_BIT, _SHARED, 3, 2)]
    steps = [_step(_LOAD, _ARCHITECTURE), _step(_EQUAL, _ARCHITECTURES[machine], 1, 0), _step(_GIVE, _KILL), _step(_LOAD, _CALL)]
    denial = len(calls) + 1 + 2 + len(of_mmap) + len(of_prctl) + 1
    steps += [_step(_AT_LEAST, _X32, denial - 1, 0)]
    steps += [_step(_EQUAL, call, denial - 2 - place, 0) for place, call in enumerate(calls)]
    steps += [_step(_EQUAL, _MMAP[column], 1, 0), _step(_EQUAL, _PRCTL[column], 3, 5)]
    return b"".join([*steps, *of_mmap, *of_prctl, _step(_GIVE, _ALLOW), _step(_GIVE, _ERRNO)])


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """One step of a program; `yes` and `no` are the steps left out after a comparison."""
    return struct.pack("HBBI", code, yes, no, value)
