"""A run of an owner: what its check has reported, how long that stands, and how it ended."""

from __future__ import annotations

import enum
import time
from dataclasses import dataclass, field
from pathlib import Path

from export_lsp.engine.files.missing_files import is_about_missing_file
from export_lsp.engine.fixing import Budget
from export_lsp.engine.scheduling.slots import Slot
from export_lsp.protocol import (
    Check,
    Finding,
    Found,
    Loaded,
    Mode,
    RuleCode,
    RunEvent,
    StageEntered,
)

_FAULTS: frozenset[RuleCode] = frozenset({"worker-crash", "out-of-memory", "internal-error"})
_DATA_DEPENDENT: frozenset[RuleCode] = frozenset({"data-dependent-guard", "data-dependent-branch"})


class Durability(enum.IntEnum):
    """The time that a result stands while no file it rests on changes, the longest first."""

    LASTING = enum.auto()
    """For good: it is remembered on disk."""
    SESSION = enum.auto()
    """As long as the server runs: it depends on the load of the machine."""
    RETRIED = enum.auto()
    """Until the next request: the run ended by a fault, which may not happen again."""
    UNFOUNDED = enum.auto()
    """Until the next request: it depends on something that cannot be looked at again."""


def durability_of(finding: Finding) -> Durability:
    """Return how long a result with this finding stands."""
    if is_about_missing_file(finding):
        return Durability.UNFOUNDED
    if finding.rule in _FAULTS:
        return Durability.RETRIED
    return Durability.SESSION if finding.rule == "timeout" else Durability.LASTING


class Ending(enum.Enum):
    """The end of a run's check."""

    FINISHED = enum.auto()
    """It reached its end.  Its results stand, whatever becomes of the trials."""
    SUPERSEDED = enum.auto()
    """A newer request or a cancellation took its place."""
    LOST = enum.auto()
    """It could not be carried out, because no interpreter can check models."""


@dataclass
class Run:
    """The run of an owner's check, with the trials of fixes that start from its findings.

    Attributes:
        check: The check that was asked for; its `run` is left to the runner.
        slot: The right to run, released when the check ends.
        begun: When the run began, by `time.time`.
        loaded: The digests of the files that the check has read so far.
        observed: Its observations so far, those of its host included.
        modes: The modes that the check has entered so far, by target.
        durability: How long the findings so far may stand.
        has_remedies: True if a finding has a remedy to try.
        data_dependent: The targets that depend on data.
        touched: Files that have changed since the run began.  It may have read them before.
        ending: How the check ended, None while it goes on.
    """

    check: Check
    budget: Budget
    slot: Slot
    begun: float = field(default_factory=time.time)
    loaded: dict[str, str] = field(default_factory=dict)
    observed: dict[str, str] = field(default_factory=dict)
    modes: dict[str, list[Mode]] = field(default_factory=dict)
    durability: Durability = Durability.LASTING
    has_remedies: bool = False
    data_dependent: set[str] = field(default_factory=set)
    touched: set[Path] = field(default_factory=set)
    ending: Ending | None = None

    @property
    def is_complete(self) -> bool:
        """True if the check has finished and no fixes are looked for."""
        tries_fixes = self.has_remedies and self.budget.candidates > 0
        return self.ending is Ending.FINISHED and not tries_fixes

    def note(self, event: RunEvent) -> None:
        """Record an event of the check."""
        if isinstance(event, Found) and not event.early:
            finding = event.finding
            self.durability = max(self.durability, durability_of(finding))
            self.has_remedies |= bool(finding.remedies)
            if finding.rule in _DATA_DEPENDENT:
                self.data_dependent.add(finding.target)
        elif isinstance(event, Loaded):
            self.loaded.update(event.files)
            self.observed.update(event.observed)
            if event.unaccounted:
                self.durability = Durability.UNFOUNDED
        elif isinstance(event, StageEntered) and event.mode is not None:
            modes = self.modes.setdefault(event.target, [])
            if event.mode not in modes:
                modes.append(event.mode)
