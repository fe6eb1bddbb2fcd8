"""Lists the worker processes of all servers of this user, with the memory that they take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from export_lsp.protocol import PROCESS_PREFIX

PROC = Path("/proc")

# The proportional set size: a page that forked processes share counts once, divided among them,
# so that the sum is what all of them take.
_PSS = re.compile(r"^Pss: +(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class ProcessMemory:
    """The memory of a worker process, in bytes.

    `role` is one of `protocol.ROLES`, or one of another version of export-lsp.
    """

    pid: int
    role: str
    size: int


def worker_processes() -> Iterator[ProcessMemory]:
    """Yield the worker processes whose memory this user may read, by process number.

    There are none on systems without ``/proc``.
    """
    for file in sorted(PROC.glob("[0-9]*/comm"), key=lambda file: int(file.parent.name)):
        try:
            name = file.read_text(encoding="utf-8", errors="replace").strip()
            if not name.startswith(PROCESS_PREFIX):
                continue
            pss = _PSS.search((file.parent / "smaps_rollup").read_text(encoding="ascii"))
        except OSError:
            continue  # it has ended, or belongs to another user
        if pss is not None:
            role = name.removeprefix(PROCESS_PREFIX)
            yield ProcessMemory(int(file.parent.name), role, int(pss[1]) << 10)
