"""The host that the server speaks to: warms up, and has hosts within it that have more in them."""

from __future__ import annotations

from export_lsp.protocol import Ready
from export_lsp.wire import send
from export_lsp.worker.hosts.library_hosts import Preloading
from export_lsp.worker.hosts.model_hosts import Snapshots
from export_lsp.worker.hosts.nesting_host import NestingHost
from export_lsp.worker.hosts.warm_up import steps, warm_up
from export_lsp.worker.system import limits
from export_lsp.worker.system.process_title import call_this


def serve(commands: int, events: int) -> None:
    """Answer the server until it closes the command pipe; then leave no run behind."""
    limits.die_with_parent()
    call_this("host")
    outcome = warm_up(fork=True)
    limits.outlive_parent()
    send(events, outcome)
    if isinstance(outcome, Ready):
        OuterHost(commands, events, [Snapshots(), Preloading(_serve_within)], steps()).serve()


def _serve_within(commands: int, events: int) -> None:
    NestingHost(commands, events, [Snapshots(at_once=True)]).serve()


class OuterHost(NestingHost):
    def _say_imported(self, line: bytes) -> None:
        """There is no host around this one."""
