"""The findings of a check in progress, by target."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from export_lsp.protocol import Finding, Found, RunEvent, StageEntered, TargetStarted
from export_lsp.stages import TABLE


@dataclass
class TargetFindings:
    """The findings of a target; `traced` is set while its trace can add no more."""

    findings: list[Finding] = field(default_factory=list)
    traced: asyncio.Event = field(default_factory=asyncio.Event)


class CheckFindings:
    """The findings of all targets of a check, by the target's name.

    The name "" has those from before the first target.
    """

    def __init__(self) -> None:
        self._targets: dict[str, TargetFindings] = {}

    def __getitem__(self, target: str) -> TargetFindings:
        return self._targets.setdefault(target, TargetFindings())

    @property
    def targets(self) -> Iterator[str]:
        """The names of the targets so far."""
        return (name for name in self._targets if name)

    @property
    def all(self) -> list[Finding]:
        """The findings of all targets."""
        return [finding for target in self._targets.values() for finding in target.findings]

    def end_tracing(self) -> None:
        """Note that all targets so far have been traced."""
        for target in self._targets.values():
            target.traced.set()

    def note(self, event: RunEvent) -> None:
        """Record an event of the check."""
        if isinstance(event, TargetStarted):
            self.end_tracing()
            self[event.target].traced.clear()
        elif isinstance(event, StageEntered) and TABLE[event.stage].after_export:
            self[event.target].traced.set()
        elif isinstance(event, StageEntered):
            self[event.target].traced.clear()
        elif isinstance(event, Found) and not event.early:
            self[event.finding.target].findings.append(event.finding)
