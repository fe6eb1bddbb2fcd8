"""The host that the server speaks to: warms up, and has hosts within it that have more in them."""

from __future__ import annotations

from export_lsp.protocol import Ready
from export_lsp.worker import limits
from export_lsp.worker.naming import call_this
from export_lsp.worker.nesting import NestingHost
from export_lsp.worker.once import write
from export_lsp.worker.preloaded import Preloading
from export_lsp.worker.snapshots import Snapshots
from export_lsp.worker.warm import steps, warm_up


def serve(commands: int, events: int) -> None:
    """Answer the server until it closes the command pipe; then leave no run behind."""
    limits.die_with_parent()
    call_this("host")
    outcome = warm_up(fork=True)
    limits.outlive_parent()
    write(events, outcome)
    if isinstance(outcome, Ready):
        OuterHost(commands, events, [Snapshots(), Preloading(_serve_within)], steps()).serve()


def _serve_within(commands: int, events: int) -> None:
    NestingHost(commands, events, [Snapshots(at_once=True)]).serve()


class OuterHost(NestingHost):
    def _say_imported(self, line: bytes) -> None:
        """There is no host around this one."""
