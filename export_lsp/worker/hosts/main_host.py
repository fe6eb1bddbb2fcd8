"""The main host: the worker process that the server starts and sends its checks to."""

from __future__ import annotations

from export_lsp.protocol import Ready
from export_lsp.wire import send
from export_lsp.worker.hosts.host import Host
from export_lsp.worker.hosts.host_kind import HostKind
from export_lsp.worker.hosts.library_hosts import LibraryHosts
from export_lsp.worker.hosts.load_torch import load_torch
from export_lsp.worker.hosts.model_hosts import ModelHosts
from export_lsp.worker.hosts.upstream import Upstream
from export_lsp.worker.hosts.warm_up import warm_up_steps
from export_lsp.worker.system import processes
from export_lsp.worker.system.process_title import set_process_title


def serve(commands: int, events: int) -> None:
    """Import torch, report the outcome, and serve checks until the server closes `commands`.

    No process that was started for a check is left when it returns.
    """
    processes.die_with_parent()
    set_process_title("host")
    outcome = load_torch(fork=True)
    processes.outlive_parent()
    send(events, outcome)
    if isinstance(outcome, Ready):
        upstream = Upstream(commands, events, is_server=True)
        kinds: list[HostKind] = [ModelHosts(), LibraryHosts(_serve_library_host)]
        Host(upstream, kinds, warm_up=warm_up_steps()).serve()


def _serve_library_host(commands: int, events: int) -> None:
    # A file that has a library host has been checked before.
    Host(Upstream(commands, events), [ModelHosts(on_first_check=True)]).serve()
