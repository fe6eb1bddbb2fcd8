"""What a schedule knows of a file whose targets are checked, and of each of its runs."""

from __future__ import annotations

import asyncio
import enum
import time
from dataclasses import dataclass, field
from pathlib import Path

from export_lsp.engine.fixing import Budget
from export_lsp.engine.scheduling.slots import UNKNOWN_MEMORY, Slot
from export_lsp.protocol import Check, Mode


@dataclass(frozen=True)
class Basis:
    """What a result rests on: what was asked and what the files contained."""

    check: Check
    budget: Budget
    digests: dict[str, str | None]


class Phase(enum.Enum):
    """Where an owner's newest request is."""

    IDLE = enum.auto()
    WAITING = enum.auto()
    RUNNING = enum.auto()
    FIXING = enum.auto()


@dataclass
class Owner:
    """The schedule's knowledge of one owner.

    `basis` is that of the run in progress while one runs, else that of the last complete one.
    `one_run` keeps its runs apart: a killed one must be gone before the next begins.  `anew` says
    that the next request starts a run, whatever is remembered.  `faults` counts the runs that
    `faulty` has brought to an end one after the other.  `questions` are the targets whose last run
    met what depends on data.
    """

    file: Path
    generation: int = 0
    phase: Phase = Phase.IDLE
    basis: Basis | None = None
    anew: bool = False
    faulty: Basis | None = None
    faults: int = 0
    peak_memory: int = UNKNOWN_MEMORY
    questions: tuple[str, ...] = ()
    touched_meanwhile: set[Path] = field(default_factory=set)
    one_run: asyncio.Lock = field(default_factory=asyncio.Lock)
    task: asyncio.Task[None] | None = None


@dataclass
class Run:
    """One run of an owner, and what it has said so far.

    One that is `faulty` or `misses` a file may end otherwise the next time, one that is `fleeting`
    another day.
    """

    owner: Owner
    generation: int
    slot: Slot
    budget: Budget
    begun: float = field(default_factory=time.time)
    loaded: dict[str, str] = field(default_factory=dict)
    modes: dict[str, list[Mode]] = field(default_factory=dict)
    faulty: bool = False
    fleeting: bool = False
    misses: bool = False
    questions: set[str] = field(default_factory=set)
    mendable: bool = False
    settled: bool = False

    @property
    def current(self) -> bool:
        return self.owner.generation == self.generation

    @property
    def over(self) -> bool:
        """Whether nothing is left to do: the results are settled and there is nothing to try."""
        return self.settled and not (self.mendable and self.budget.candidates)
