"""The worker processes there are, and what memory they take: those of all servers of this user."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from export_lsp.protocol import PROCESS_PREFIX

PROC = Path("/proc")

# A page is shared by a host and what was forked from it: each counts for its part of it (PSS), so
# that the sum is what all of them take.
_SHARE = re.compile(r"^Pss: +(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class Process:
    """A worker process: its role (of `protocol.ROLES`, or of another version) and its bytes."""

    pid: int
    role: str
    memory: int


def processes() -> Iterator[Process]:
    """All worker processes whose memory this user may read; none where the system does not tell."""
    for file in sorted(PROC.glob("[0-9]*/comm"), key=lambda file: int(file.parent.name)):
        try:
            name = file.read_text(encoding="utf-8", errors="replace").strip()
            if not name.startswith(PROCESS_PREFIX):
                continue
            told = _SHARE.search((file.parent / "smaps_rollup").read_text(encoding="ascii"))
        except OSError:
            continue  # it has gone, or is another user's
        if told is not None:
            role = name.removeprefix(PROCESS_PREFIX)
            yield Process(int(file.parent.name), role, int(told[1]) << 10)
