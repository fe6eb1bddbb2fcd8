"""The progress of a run: its current stage, and the targets left to check after it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from export_lsp.engine.runs.own_files import is_own_file
from export_lsp.protocol import (
    BUILDS,
    Build,
    Check,
    Finished,
    Location,
    Mode,
    ModeEnded,
    ModeOutcome,
    Position,
    Reached,
    Rebuild,
    RunEvent,
    ScriptStarted,
    StageEntered,
    TargetsFound,
    TargetStarted,
)
from export_lsp.stages import Stage


@dataclass
class RunProgress:
    """The progress of the run of a check.

    Attributes:
        check: The check that the run carries out.
        location: The declaration of the current target, the start of the file before the first.
        target: The current target, "" before the first.
        stage: The current stage.
        mode: The current mode, None outside the stages that have one.
        modes: How the exports of the current target have ended so far.
        began: When the current target was started, by `time.monotonic`.
        found: All targets that the file declares.
        started: The targets that have been started, the current one included.
        script: True while the file runs as a script, up to its export.
        rebuild: How the current target has to be built, if it was built in another way.
        finished: True if the run has checked every target.
        late: True if the run has exceeded its time.
        starved: True if it is late because it has got too little processor time.
        reached: The user's code that the run was in at its end, if it could report that.
    """

    check: Check
    location: Location = field(init=False)
    target: str = ""
    stage: Stage = "load"
    mode: Mode | None = None
    modes: dict[Mode, ModeOutcome] = field(default_factory=dict)
    began: float = 0.0
    found: tuple[str, ...] = ()
    started: list[str] = field(default_factory=list)
    script: bool = False
    rebuild: Build | None = None
    finished: bool = False
    late: bool = False
    starved: bool = False
    reached: Reached | None = None

    def __post_init__(self) -> None:
        start = Position(0, 0)
        self.location = Location(self.check.file, start, start)

    def note(self, event: RunEvent) -> None:
        """Record an event of the run."""
        if isinstance(event, TargetsFound):
            self.found = event.targets
        elif isinstance(event, TargetStarted):
            self.target = event.target
            if is_own_file(event.location.file, self.check):
                self.location = event.location
            self.started.append(event.target)
            self.script = False
            self.stage, self.mode = "build", None
            self.modes = dict.fromkeys(event.modes, "unknown")
            self.began = time.monotonic()
        elif isinstance(event, ModeEnded):
            self.modes[event.mode] = event.outcome
        elif isinstance(event, ScriptStarted):
            self.script = True
        elif isinstance(event, StageEntered):
            self.stage, self.mode = event.stage, event.mode
        elif isinstance(event, Rebuild):
            self.rebuild = event.build
        elif isinstance(event, Finished):
            self.finished = True
        elif isinstance(event, Reached):
            self.reached = event

    @property
    def broke_off(self) -> bool:
        """True if a run that has ended did not come to its end."""
        return not self.finished and self.rebuild is None

    def next_check(self) -> Check | None:
        """Return the check that continues after this run has ended, None if nothing is left.

        Targets that were started are skipped, except one that has to be built in another way.
        """
        skip = tuple(dict.fromkeys([*self.check.skip, *self.started]))
        if self.rebuild is not None and _is_later(self.rebuild, self.check.build):
            again = tuple(name for name in skip if name != self.target)
            return replace(self.check, build=self.rebuild, skip=again)
        if self.finished or not self.started or not set(self.found) - set(skip):
            return None
        return replace(self.check, skip=skip)


def _is_later(one: Build, other: Build) -> bool:
    return BUILDS.index(one) > BUILDS.index(other)
