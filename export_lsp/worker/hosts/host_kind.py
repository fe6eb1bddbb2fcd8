"""Kinds of nested hosts: which hosts of a kind to keep, and which of them a check starts in."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Protocol

from export_lsp.protocol import Check, Imported, Traced
from export_lsp.worker.hosts.nested_host import CHANGED, HostPlan, NestedHost


class HostKind(Protocol):
    """Decides about the nested hosts of one kind; a `NestedHostTable` carries that out."""

    @property
    def pool(self) -> HostPool:
        """The hosts of this kind that exist."""

    def host_for(self, check: Check) -> NestedHost | None:
        """Return the host that the run of a check is to be forked from; None if there is none."""

    def plans_for(self, check: Check) -> bool:
        """Return whether the check of a file that is new could start in the next planned host."""

    def imported(self, check: Check, imported: Imported, host: NestedHost | None) -> None:
        """Learn what the run of a check has imported beyond the modules of the outer host.

        `host` is the nested host that it was forked from, None if it was forked from the outer one.
        """

    def traced(self, check: Check, traced: Traced) -> None:
        """Learn the calls of submodules in the trace of a run forked from the outer host."""

    def next_plan(self) -> HostPlan | None:
        """Return the next host to fork, once: a plan that is returned counts as carried out."""


class HostPool:
    """The nested hosts of one kind, at most `size` of them unless all are busy.

    A key whose host ended before it was ready is refused from then on.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._hosts: dict[int, NestedHost] = {}  # the least recently used one comes first
        self._refused: set[Hashable] = set()

    def __iter__(self) -> Iterator[NestedHost]:
        return iter(list(self._hosts.values()))

    def find(self, key: Hashable) -> NestedHost | None:
        """Return the host with this key that has not retired."""
        hosts = self._hosts.values()
        return next((host for host in hosts if host.key == key and not host.retired), None)

    def accepts(self, key: Hashable) -> bool:
        """Return whether a host with this key is worth forking."""
        return key not in self._refused and self.find(key) is None

    def use(self, key: Hashable, check: Check) -> NestedHost | None:
        """Return the host with this key if a check can start in it.

        Its run declines the check if what the host has imported is outdated.
        """
        host = self.find(key)
        if host is None or not host.ready or not host.imports.fits(check):
            return None
        self._hosts[host.pid] = self._hosts.pop(host.pid)
        return host

    def make_room(self) -> None:
        """Retire idle hosts, the least recently used first, so that one can be added."""
        idle = [host for host in self._hosts.values() if not host.runs]
        for host in idle[: max(0, len(self._hosts) + 1 - self._size)]:
            host.retire()

    def add(self, host: NestedHost) -> None:
        self._hosts[host.pid] = host

    def remove(self, host: NestedHost, status: int) -> None:
        """Remove a host whose process has ended with this exit status."""
        del self._hosts[host.pid]
        if not host.ready and not host.retired and status != CHANGED:
            self._refused.add(host.key)
