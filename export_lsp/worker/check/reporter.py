"""The events of one run, in the terms of its check."""

from __future__ import annotations

import itertools
import traceback
from collections.abc import Callable

from export_lsp.protocol import (
    Build,
    Check,
    ClassCost,
    Compared,
    Costs,
    Declined,
    Finding,
    Found,
    Graph,
    GraphLevel,
    GraphLine,
    Imported,
    Insight,
    Loaded,
    Location,
    Log,
    Mode,
    ModeEnded,
    ModeOutcome,
    ModuleCall,
    ModuleCost,
    Operators,
    Outcome,
    Rebuild,
    RunEvent,
    ScriptStarted,
    ShapesSuggested,
    StageEntered,
    TargetEnded,
    TargetsFound,
    TargetStarted,
    Traced,
    Value,
)
from export_lsp.stages import Stage
from export_lsp.worker.insight.widest.suggest import Suggestion
from export_lsp.worker.text.exception_text import text_of
from export_lsp.worker.user_code.imports import ImportTracker
from export_lsp.worker.user_code.workspace import Workspace

Emit = Callable[[RunEvent], None]

_REBUILT: dict[Build, str] = {
    "real": "built with real parameters, since fake ones fail",
    "mixed": "built with large tensors fake, since real parameters need too much memory",
}


def discard_event(event: RunEvent) -> None:
    """Drop an event: an `Emit` for work whose progress and findings are not reported."""


class Reporter:
    """Sends the events of one run to the server.

    Each method sends the event of the protocol that its name suggests.  `entered` is the stage and
    the target of the last `stage` call.  A trial (a check with `texts`) sends neither imports nor
    module calls: its edits are not on disk, so that the host cannot reuse either.
    """

    def __init__(self, check: Check, emit: Emit) -> None:
        self._check = check
        self._emit = emit
        self.entered: tuple[Stage, str] = ("load", "")
        self._observations = 0

    def targets(self, names: list[str]) -> None:
        self._emit(TargetsFound(self._check.run, tuple(names)))

    def script(self) -> None:
        self._emit(ScriptStarted(self._check.run))

    def target(self, name: str, declaration: Location, modes: tuple[Mode, ...]) -> None:
        self._emit(TargetStarted(self._check.run, name, declaration, modes))

    def mode_ended(self, target: str, mode: Mode, outcome: ModeOutcome) -> None:
        self._emit(ModeEnded(self._check.run, target, mode, outcome))

    def target_ended(self, outcome: Outcome) -> None:
        self._emit(TargetEnded(self._check.run, outcome))

    def stage(self, target: str, stage: Stage, mode: Mode | None = None) -> None:
        self.entered = stage, target
        self._emit(StageEntered(self._check.run, target, stage, mode))

    def finding(self, finding: Finding, *, early: bool = False) -> None:
        self._emit(Found(self._check.run, finding, early))

    def compared(self, target: str, left_out: str, refuses: bool, both_sides: bool) -> None:
        """Report that the results of a target were compared, or why not: `left_out`."""
        self._emit(Compared(self._check.run, target, left_out, refuses, both_sides))

    def insight(self, target: str, values: tuple[Value, ...]) -> None:
        """Report the values of a trace; a trial has none, since its text is not on disk."""
        if not self._check.texts:
            self._emit(Insight(self._check.run, target, values))

    def costs(
        self,
        target: str,
        operators: tuple[Operators, ...],
        modules: tuple[ModuleCost, ...],
        classes: tuple[ClassCost, ...],
    ) -> None:
        self._emit(Costs(self._check.run, target, operators, modules, classes))

    def graph(self, target: str, level: GraphLevel, lines: tuple[GraphLine, ...]) -> None:
        self._emit(Graph(self._check.run, target, level, lines))

    def shapes_suggested(self, target: str, suggestion: Suggestion) -> None:
        found = suggestion.text, suggestion.modes, suggestion.note
        self._emit(ShapesSuggested(self._check.run, target, *found))

    def log(self, level: str, text: str) -> None:
        self._emit(Log(self._check.run, level, text))

    def rebuild(self, build: Build, error: BaseException) -> None:
        """Ask for this check with another build, because this one fails with `error`."""
        text = "".join(traceback.format_exception(error))
        self.log("info", f"{_REBUILT[build]}: {text}")
        self._emit(Rebuild(self._check.run, build, text_of(error)))

    def imported(self, imports: ImportTracker, *, built: str = "") -> None:
        """Report the imported modules and, if a target has just been built, its name."""
        if not self._check.texts:
            modules, lines = imports.modules(), imports.statements()
            self._emit(Imported(self._check.run, modules, lines, built=built))

    def traced(self, target: str, calls: tuple[ModuleCall, ...]) -> None:
        if calls and not self._check.texts:
            self._emit(Traced(self._check.run, target, calls))

    def declined(self, reason: str) -> None:
        """Report that this run cannot resume from its snapshot."""
        self._emit(Declined(self._check.run, reason))

    def files(self, workspace: Workspace, *, complete: bool = False) -> None:
        """Report the texts that were read, and what was observed since the last report.

        The thousands of observations of a host that has imported libraries are left to the
        `complete` report at the end of the run.
        """
        observer = workspace.observer
        start = max(self._observations, observer.inherited)
        observed = dict(itertools.islice(observer.observed.items(), start, None))
        self._observations = start + len(observed)
        if complete:
            observed |= itertools.islice(observer.observed.items(), observer.inherited)
        self._emit(Loaded(self._check.run, workspace.digests, observed, workspace.unaccounted))
