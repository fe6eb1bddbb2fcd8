"""The state of one owner in a schedule, and the phases it goes through."""

from __future__ import annotations

import asyncio
import enum
from dataclasses import dataclass, field
from pathlib import Path

from export_lsp.engine.files import disk
from export_lsp.engine.fixing import Budget
from export_lsp.engine.scheduling.run import Ending, Run
from export_lsp.engine.scheduling.slots import UNKNOWN_MEMORY
from export_lsp.protocol import Check


@dataclass(frozen=True)
class Basis:
    """The basis of a result: the check, the budget, and all that was read and observed.

    `digests` has the files that were read, `observed` the observations, as in `Loaded`.
    """

    check: Check
    budget: Budget
    digests: dict[str, str | None]
    observed: dict[str, str] = field(default_factory=dict)

    def is_unchanged(self) -> bool:
        """Return whether all that was read and observed is the same now; reads the disk."""
        return disk.digests(self.digests) == self.digests and disk.is_unchanged(self.observed)


class Phase(enum.Enum):
    """The progress of the newest request of an owner.

    A request leads from IDLE to WAITING, a slot to CHECKING, the end of the check to FIXING, and
    the end of the trials to IDLE.  A check whose fixes are not looked for skips FIXING.
    Cancellation leads from any phase to IDLE.
    """

    IDLE = enum.auto()
    WAITING = enum.auto()
    CHECKING = enum.auto()
    FIXING = enum.auto()


@dataclass
class Owner:
    """A file whose targets are checked, as its schedule knows it.

    Attributes:
        generation: Counts the starts and cancellations.
        basis: The basis, so far, of the run in progress; without one, that of the last finished
            result.  None if no result stands, so that the next request starts a run.
        ignores_memory: True if the next request starts a run even if its result is remembered.
        peak_memory: The memory that the last finished run took, in bytes.
        data_dependent: The targets in which the last finished check met a dependence on data.
        faulty: The basis of the last run that ended by a fault.
        faults: How many runs in a row have ended by a fault on that basis.
        one_run: Held by the owner's run: a superseded one is gone before the next one begins.
        task: Waits for a slot and then carries out the run; None while the owner is idle.
        run: The run in progress of the newest request.
    """

    file: Path
    generation: int = 0
    basis: Basis | None = None
    ignores_memory: bool = False
    peak_memory: int = UNKNOWN_MEMORY
    data_dependent: tuple[str, ...] = ()
    faulty: Basis | None = None
    faults: int = 0
    one_run: asyncio.Lock = field(default_factory=asyncio.Lock)
    task: asyncio.Task[None] | None = None
    run: Run | None = None

    @property
    def phase(self) -> Phase:
        """The phase of the newest request."""
        if self.task is None:
            return Phase.IDLE
        if self.run is None:
            return Phase.WAITING
        return Phase.FIXING if self.run.ending is Ending.FINISHED else Phase.CHECKING

    def has_superseded(self, run: Run) -> bool:
        """Return whether a newer request or a cancellation has taken the place of a run."""
        return self.run is not run

    def count_fault(self) -> int:
        """Count a fault of the run in progress; return how many in a row its basis has seen."""
        self.faults = self.faults + 1 if self.basis == self.faulty else 1
        self.faulty = self.basis
        return self.faults

    def rest(self) -> None:
        """Become idle."""
        self.task = self.run = None

    def supersede(self) -> Run | None:
        """Become idle, with no result standing; return the run that was in progress.

        The run's task is left to its caller.
        """
        run = self.run
        self.generation += 1
        self.basis = None
        self.rest()
        return run
