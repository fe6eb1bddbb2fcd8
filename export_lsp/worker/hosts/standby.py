"""The standby process: warm like the host, checks once in itself and is used up.

It takes the host's place where ``fork`` is missing (Windows) or unsafe (macOS).  The server keeps
one ready; the protocol is the host's, so it cannot tell the two apart but by `Ready.fork`.
"""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue

from export_lsp.protocol import Ready
from export_lsp.wire import send
from export_lsp.worker.hosts.single_check import check_and_exit
from export_lsp.worker.hosts.warm_up import steps, warm_up
from export_lsp.worker.system import limits
from export_lsp.worker.system.process_title import set_process_title


def serve(commands: int, events: int) -> None:
    """Warm up until there is a `Check`, carry it out.  An end of the commands ends the process."""
    limits.die_with_parent()
    set_process_title("spare")
    lines: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(commands, lines), daemon=True).start()
    outcome = warm_up(fork=False)
    send(events, outcome)
    if not isinstance(outcome, Ready):
        return
    for _ in steps():
        if not lines.empty():
            break
    line = lines.get()
    set_process_title("run")
    check_and_exit(line, events)


def _listen(commands: int, lines: SimpleQueue[bytes]) -> None:
    """Pass on the first line; end with the server, whatever user code is doing then."""
    with os.fdopen(commands, "rb") as stream:
        line = stream.readline()
        if line:
            lines.put(line)
        stream.read()
    limits.end_group()
