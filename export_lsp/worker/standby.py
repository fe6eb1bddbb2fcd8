"""The standby process: warm like the host, checks once in itself and is used up.

It takes the host's place where ``fork`` is missing (Windows) or unsafe (macOS).  The server keeps
one ready; the protocol is the host's, so it cannot tell the two apart but by `Ready.fork`.
"""

from __future__ import annotations

import os
import sys

from export_lsp import protocol
from export_lsp.protocol import Check, Ready
from export_lsp.worker import limits
from export_lsp.worker.forked import write
from export_lsp.worker.warm import warm_up


def serve(commands: int, events: int) -> None:
    """Warm up, wait for one `Check`, carry it out.  An end of the commands ends the process."""
    limits.die_with_parent()
    outcome = warm_up(fork=False)
    write(events, outcome)
    if not isinstance(outcome, Ready):
        return
    with os.fdopen(commands, "rb") as lines:
        line = lines.readline()
    if not line:
        return
    check = protocol.decode(line)
    if isinstance(check, Check):
        from export_lsp.worker.run import run_check

        status = run_check(check, lambda event: write(events, event))
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
