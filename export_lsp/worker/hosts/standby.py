"""The standby process: warm like a host, it carries out one check itself and ends.

It replaces the main host where a process cannot be forked (Windows) or not safely (macOS).  The
server keeps one ready.  Its protocol is that of a host, apart from `Ready.fork`.
"""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue

from export_lsp.protocol import Ready
from export_lsp.wire import send
from export_lsp.worker.hosts.load_torch import load_torch
from export_lsp.worker.hosts.single_check import check_and_exit
from export_lsp.worker.hosts.warm_up import warm_up_steps
from export_lsp.worker.system import processes
from export_lsp.worker.system.process_title import set_process_title


def serve(commands: int, events: int) -> None:
    """Import torch, report the outcome, warm up until a `Check` arrives, and carry it out.

    The process ends when the server closes `commands`.
    """
    processes.die_with_parent()
    set_process_title("spare")
    lines: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read_commands, args=(commands, lines), daemon=True).start()
    outcome = load_torch(fork=False)
    send(events, outcome)
    if not isinstance(outcome, Ready):
        return
    for _ in warm_up_steps():
        if not lines.empty():
            break
    line = lines.get()
    set_process_title("run")
    check_and_exit(line, events)


def _read_commands(commands: int, lines: SimpleQueue[bytes]) -> None:
    """Queue the first line; end the process when the pipe is closed, even in user code."""
    with os.fdopen(commands, "rb") as stream:
        line = stream.readline()
        if line:
            lines.put(line)
        stream.read()
    processes.exit_with_group()
