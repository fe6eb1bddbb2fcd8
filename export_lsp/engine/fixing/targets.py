"""What a check that goes on has found so far, by target."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from export_lsp.protocol import Finding, Found, RunEvent, StageEntered, TargetStarted
from export_lsp.stages import TABLE


@dataclass
class Target:
    """What is known of a target: its findings, and whether its tracing is over."""

    findings: list[Finding] = field(default_factory=list)
    settled: asyncio.Event = field(default_factory=asyncio.Event)


class Targets:
    """All targets of a check, by name; "" has what was found before there was one."""

    def __init__(self) -> None:
        self._targets: dict[str, Target] = {}

    def __getitem__(self, name: str) -> Target:
        return self._targets.setdefault(name, Target())

    def __iter__(self) -> Iterator[str]:
        return iter(self._targets)

    @property
    def findings(self) -> list[Finding]:
        """Those of all targets."""
        return [finding for target in self._targets.values() for finding in target.findings]

    def settle(self) -> None:
        """Nothing more comes of tracing any of them."""
        for target in self._targets.values():
            target.settled.set()

    def note(self, event: RunEvent) -> None:
        """Take in an event of the check."""
        if isinstance(event, TargetStarted):
            self.settle()
            self[event.target].settled.clear()
        elif isinstance(event, StageEntered) and TABLE[event.stage].after_export:
            self[event.target].settled.set()
        elif isinstance(event, StageEntered):
            self[event.target].settled.clear()
        elif isinstance(event, Found) and not event.early:
            self[event.finding.target].findings.append(event.finding)
