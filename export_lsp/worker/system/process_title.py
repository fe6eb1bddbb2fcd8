"""The names of worker processes in the system's list of processes."""

from __future__ import annotations

import contextlib

from export_lsp.protocol import PROCESS_PREFIX, Role


def set_process_title(role: Role) -> None:
    """Name this process after its role; on other systems than Linux it keeps its name."""
    with contextlib.suppress(OSError), open("/proc/self/comm", "w", encoding="ascii") as name:
        name.write(f"{PROCESS_PREFIX}{role}")
