"""One round of an export: one trace of the model from its start, and what has stopped it so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from export_lsp.protocol import Location, Mode, Remedy
from export_lsp.stages import Stage
from export_lsp.worker.data import eager_values
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import locate, node_frames, syntax_context
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.private import errors, trace
from export_lsp.worker.stages.export.new_findings import NewFindings
from export_lsp.worker.stages.export.own_errors import OwnErrors
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.exception_text import text_of

# Returns whether a failure in a stage may be a consequence of values put into the trace.
IsConsequence = Callable[[BaseException, Stage], bool]


class RoundState:
    """What has happened in one round.

    `stops` counts how many times the trace was stopped at each location and resumed.
    `substituted` is True if a value from eager mode stands in for one of the model's own, so that
    its sizes are those of the example. `complete` is False if the trace did not see all of the
    model's code that runs on the example inputs.
    """

    def __init__(self, declaration: Declaration, mode: Mode, findings: NewFindings) -> None:
        self.declaration = declaration
        self.mode = mode
        self.findings = findings
        self.workspace = declaration.workspace
        self.example = declaration.in_eager
        self.symbols = SymbolTracker(self.workspace, expect_questions=self.example.start)
        self.own_errors = OwnErrors()
        self.stops: Counter[Location] = Counter()
        self.substituted = False
        self.complete = True
        self._last_error: BaseException | None = None

    @property
    def resumed(self) -> bool:
        """True if the trace went on past something that stops torch's own."""
        return bool(self.stops)

    def stop(
        self,
        error: BaseException,
        stage: Stage,
        frames: list[Frame],
        checks: Callable[[], tuple[Remedy, ...]] = tuple,
    ) -> int:
        """Count a stop at the innermost of the frames, and report it if it is news.

        Of several stops at one location the first is the cause. Sizes that do not fit together are
        a consequence once the trace holds answers or values of ours.

        Returns how many stops there were at that location before.
        """
        location = frames[-1].location if frames else self.declaration.target.places.declaration
        is_consequence = self.resumed and (
            errors.do_sizes_clash(error) or syntax_context.is_definition(location, self.workspace)
        )
        if not self._is_from_last(error) and location not in self.stops and not is_consequence:
            failure = self._failure(error, stage, frames)
            self.findings.report_failure(replace(failure, checks=checks))
        self._last_error = error
        self.stops[location] += 1
        return self.stops[location] - 1

    def note_substitute(self, value: object) -> None:
        """Note that a value from eager mode was put into the trace."""
        self.substituted = self.substituted or not eager_values.is_exact(value)

    def fail(self, error: BaseException, is_consequence: IsConsequence) -> None:
        """Report the exception that ended the round, unless a stop has reported it already."""
        stages = (trace.stage_of(link.__traceback__) for link in locate.chain(error))
        stage: Stage = next((stage for stage in stages if stage is not None), "capture")
        self.complete = self.complete and stage not in ("inputs", "capture")
        frames = self._frames_behind(error)
        location = frames[-1].location if frames else None
        if self._is_from_last(error) or location in self.stops:
            return
        if self._is_on_chosen_side(location):
            return
        if self.resumed and (
            is_consequence(error, stage)
            or errors.do_sizes_clash(error)
            # Later stages then speak of a graph that is not the model's any more.
            or (self.substituted and stage != "capture")
        ):
            return
        self.findings.report_failure(self._failure(error, stage, frames))

    def _frames_behind(self, error: BaseException) -> list[Frame]:
        return (
            locate.frames_of(error, self.workspace)
            or locate.frames_of_failed_node(error, self.workspace)
            or node_frames.text_frames(text_of(error), self.workspace)
        )

    def _is_on_chosen_side(self, location: Location | None) -> bool:
        """Return whether the user's code raises there, where eager mode might never come."""
        return (
            self.findings.sides_taken
            and location is not None
            and syntax_context.is_raised(location, self.workspace)
        )

    def _is_from_last(self, error: BaseException) -> bool:
        """Return whether the exception is, or was raised from, the one behind the last stop."""
        last = self._last_error
        return last is not None and any(link is last for link in locate.chain(error))

    def _failure(self, error: BaseException, stage: Stage, frames: list[Frame]) -> Failure:
        return Failure(
            error,
            stage,
            self.mode,
            self.declaration.target,
            self.workspace,
            self.symbols,
            frames,
            lambda: self.example.record,
        )
