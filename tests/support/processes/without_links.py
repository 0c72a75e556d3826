"""A process in which the kernel makes no hard link, as on exFAT, SMB or FUSE.

python -m tests.support.processes.without_links ERRNO URL

It creates one record three times, lands one export twice, and prints the results as JSON. It exits with 77 if the
kernel takes no filter of system calls.
"""

import ctypes
import json
import platform
import struct
import sys

from tests.support.builders.examples import Incoming, observed_export, workbook
from workspace_exports.archive.landing import land
from workspace_exports.storage.store import open_store

CANNOT = 77

_SYSCALLS = {"x86_64": (86, 265), "aarch64": (37, 37)}
"""`link` and `linkat`; there is no `link` on arm64."""
_LOAD_NUMBER = struct.pack("=HBBI", 0x20, 0, 0, 0)
_ALLOW = struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000)
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def refuse_links(number: int) -> bool:
    """Lets every hard link of this process fail with that errno from now on; False where the kernel cannot."""
    calls = _SYSCALLS.get(platform.machine())
    if sys.platform != "linux" or calls is None:
        return False
    refuse = struct.pack("=HBBI", 0x06, 0, 0, 0x00050000 | number)
    checks = b"".join(struct.pack("=HBBI", 0x15, 0, 1, call) + refuse for call in calls)
    code = _LOAD_NUMBER + checks + _ALLOW
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return bool(libc.prctl(_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) == 0)


def main(number: int, url: str) -> int:
    """Does it."""
    if not refuse_links(number):
        return CANNOT
    store, book = open_store(url), workbook()
    outcomes = [land(store, observed_export(), Incoming([book], len(book))).outcome for _ in range(2)]
    created = [store.create("since/x.json", content) for content in (b"first", b"second", b"first")]
    print(json.dumps({"created": created, "outcomes": outcomes}))  # noqa: T201 - how the test hears of it
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2]))
