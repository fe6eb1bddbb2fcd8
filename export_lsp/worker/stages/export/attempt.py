"""One export in one mode, which goes on past what stops torch's own.

What stops the trace is reported at once; then the trace goes on as eager does on the example
inputs: with the example's own number where a guard depends on data, with what eager got where an
expression cannot be traced.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar, cast

from export_lsp.protocol import (
    Finding,
    Location,
    Mode,
    Remedy,
    RuleCode,
)
from export_lsp.stages import Stage
from export_lsp.worker.data import eager_values
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.eager import fallbacks
from export_lsp.worker.execution import values
from export_lsp.worker.places import locate, syntax_context
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.private import (
    dynamo,
    errors,
    resume_calls,
    resume_dynamo,
    symbolic_shapes,
    trace,
)
from export_lsp.worker.private.resume_dynamo import FailedInstruction
from export_lsp.worker.private.symbolic_shapes import Number, Question
from export_lsp.worker.remedies import checks
from export_lsp.worker.stages.export.both_sides import Branches
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.exception_text import text_of

# Said of what torch raises and an ``except`` of the user's swallows.
HIDDEN = ". The `except` around it hides this, and export goes on with the `except` branch"

# So many places are gone past from the start.
ROUNDS = 6

Explain = Callable[[Failure, Declaration], list[Finding]]
Report = Callable[[Finding], None]


M = TypeVar("M", bound=Callable[..., Any])


def _owning_up(answer: M) -> M:
    """Keep what a method raises while torch asks it: torch would take it for the model's."""

    @functools.wraps(answer)
    def wrapper(self: Attempt, asked: Any) -> Any:
        try:
            return answer(self, asked)
        except Exception as error:
            self.broken = self.broken or error
            raise

    return cast(M, wrapper)


class Attempt:
    """The state of an export: what was reported, and what eager does where that is needed.

    `substituted` says that something in the trace is not the model's own: what it gave in eager
    stands in its place, sizes and all.  `complete` says that the trace saw all of the model on the
    example's way.
    """

    def __init__(
        self,
        declaration: Declaration,
        mode: Mode,
        attributes: values.ModelState,
        explain: Explain,
        report: Report,
        *,
        alone: bool,
    ) -> None:
        self._branches = Branches()
        self._alone = alone
        self._declaration = declaration
        self._mode = mode
        self._attributes = attributes
        self._example = declaration.in_eager
        self._explain = explain
        self._report = report
        self._reported: set[tuple[RuleCode, Location]] = set()
        self._passed: list[Location] = []
        self.broken: Exception | None = None
        self._begin()

    def _begin(self) -> None:
        """Start a round: nothing has been met in it."""
        self.symbols = SymbolTracker(
            self._declaration.workspace, expect_questions=self._example.start
        )
        self.substituted = False
        self.complete = True
        self._stopped: Counter[Location] = Counter()
        self._told: BaseException | None = None
        self._skipped_change = False

    @contextlib.contextmanager
    def going_on(self) -> Iterator[None]:
        """Within, an export goes on past what would stop it."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(symbolic_shapes.ShapeEnvWatch(self.symbols, self._answer))
            if self._mode == "strict":
                stack.enter_context(resume_dynamo.resume_failed_instructions(self._go_on))
            else:
                stack.enter_context(resume_calls.replace_failed_calls(self._replace))
            if self._passed:
                sources = self._declaration.workspace.sources.values()
                stack.enter_context(fallbacks.with_fallbacks(sources, self._passed, self._instead))
            yield

    def failed(self, error: BaseException) -> None:
        """Report what ended the export, unless it was reported when it came up."""
        stages = (trace.stage_of(link.__traceback__) for link in locate.chain(error))
        stage: Stage = next((stage for stage in stages if stage is not None), "capture")
        self.complete = self.complete and stage not in ("inputs", "capture")
        frames = self._frames_behind(error)
        place = frames[-1].location if frames else None
        told = self._is_told(error) or (place is not None and place in self._stopped)
        if not told and not self._is_consequence(error, stage, place):
            self._tell(self._failure(error, stage, frames))

    def _frames_behind(self, error: BaseException) -> list[Frame]:
        workspace = self._declaration.workspace
        return (
            locate.frames_of(error, workspace)
            or locate.node_frames(error, workspace)
            or locate.text_frames(text_of(error), workspace)
        )

    def _is_consequence(self, error: BaseException, stage: Stage, place: Location | None) -> bool:
        """Whether a failure may be due to our having gone on."""
        workspace = self._declaration.workspace
        if (
            self._branches.taken
            and place is not None
            and syntax_context.is_raised(place, workspace)
        ):
            return True  # on a side that only we have taken
        if not self.went_on:
            return False
        if self._mode == "strict" and stage in ("capture", "lower"):
            if not self._is_dynamos(error) or resume_dynamo.is_follow_up(error):
                return True  # Dynamo's graph is traced again, with what we put into it
            if self._skipped_change and resume_dynamo.is_runtime(error):
                return True
        # What torch says of the later stages is about a trace that is not the model's any more.
        return errors.do_sizes_clash(error) or (self.substituted and stage != "capture")

    def begin_again(self, error: BaseException) -> bool:
        """Whether another round may come further: one that goes past what ended this one.

        Non-strict mode runs the user's own code, so what ends it in the midst of that can be gone
        past only by other code, from the start.
        """
        if self._mode == "strict" or self._branches.taken or len(self._passed) >= ROUNDS:
            return False
        if self.complete:
            return False  # it ended after the capture
        workspace = self._declaration.workspace
        for frame in reversed(locate.frames_of(error, workspace)):
            place = frame.location
            known = syntax_context.is_stored_to(place, workspace) or eager_values.is_reproducible(
                self._example.value(place, 0)
            )
            if known and place not in self._passed:
                self._passed.append(place)
                self._attributes.restore()
                self._begin()
                return True
        return False

    def _is_dynamos(self, error: BaseException) -> bool:
        return any(dynamo.was_tracing(link.__traceback__) for link in locate.chain(error))

    @property
    def went_on(self) -> bool:
        """Whether the trace goes past something that stops torch's own."""
        return bool(self._stopped)

    # --- guards -----------------------------------------------------------------------------

    @_owning_up
    def _answer(self, question: Question) -> Number | None:
        """Report a data-dependent guard; what the example says of it."""
        frame = sys._getframe(1)
        frames = locate.current_frames(frame, self._declaration.workspace)
        symbolic_shapes.suggest_checks(question.error)

        @functools.cache
        def remedies() -> tuple[Remedy, ...]:
            workspace = self._declaration.workspace
            origins = self.symbols.origins_in(question.expression)
            known = question.answer(self._example.numbers(origins))
            live = locate.live_frames(frame, workspace)
            return checks.remedies(question, known, live, origins, workspace)

        self._stop(question.error, trace.current_stage(frame) or "capture", frames, remedies)
        origins = self.symbols.origins_in(question.expression)
        answer = question.answer(self._example.numbers(origins))
        if answer is None and question.is_truth:
            answer = self._branches.take(self._tell_new)
        return answer

    # --- expressions ------------------------------------------------------------------------

    @_owning_up
    def _go_on(self, stuck: FailedInstruction) -> bool:
        """Report what Dynamo cannot trace; whether it goes on with what eager got there."""
        workspace = self._declaration.workspace
        if workspace.source(stuck.code.co_filename) is None:
            return False  # a library's: its caller in the user's code has its turn next
        frames = locate.current_frames(sys._getframe(1), workspace)
        if not frames:
            return False
        location = frames[-1].location
        if self._skipped_change and stuck.is_runtime:
            return False  # it may work on what was to be changed
        if not stuck.is_follow_up:
            self._stop(stuck.error, "capture", frames)
        self._skipped_change = self._skipped_change or syntax_context.changes_in_place(
            location, workspace
        )
        index = max(0, self._stopped[location] - 1)
        if stuck.is_jump:
            truth = self._example.truth(location, index)
            if truth is None:
                truth = self._branches.take(self._tell_new)
            if truth is not None:
                stuck.jump(truth)
            return truth is not None
        if stuck.is_store:
            stuck.store()
            return True
        if not stuck.values:
            return False
        value = None if stuck.is_discarded else self._example.value(location, index)
        if value is eager_values.NOT_EVALUATED:
            return False  # eager does not come so far either
        stuck.leave(value)
        self.substituted = self.substituted or not eager_values.is_exact(value)
        return True

    @_owning_up
    def _replace(self, error: Exception) -> Any:
        """Report a call that raised; what eager got from it."""
        workspace = self._declaration.workspace
        frame = resume_calls.caller(sys._getframe(1))
        if frame is None or workspace.source(frame.f_code.co_filename) is None:
            return (
                resume_calls.NO_RESULT
            )  # a library's call: the user's around it has its turn next
        frames = locate.current_frames(frame, workspace)
        if syntax_context.is_caught(error, frames, workspace):
            return resume_calls.NO_RESULT
        inner = locate.frames_of(error, workspace)
        index = self._stop(error, "capture", [*frames, *inner])
        value = self._example.value(frames[-1].location, index)
        if not eager_values.is_reproducible(value):
            return resume_calls.NO_RESULT
        self.substituted = self.substituted or not eager_values.is_exact(value)
        # What the model does inside of the call, after what stopped it, stays unseen.
        self.complete = self.complete and not inner
        return resume_calls.remake_value(value)

    def _instead(self, location: Location, error: Exception) -> Any:
        """What eager got at a place that ended an earlier round, and was reported then."""
        self._stopped[location] += 1
        value = self._example.value(location, self._stopped[location] - 1)
        if not eager_values.is_reproducible(value):
            raise error
        self.substituted = self.substituted or not eager_values.is_exact(value)
        return resume_calls.remake_value(value)

    # --- findings ---------------------------------------------------------------------------

    def _stop(
        self,
        error: BaseException,
        stage: Stage,
        frames: list[Frame],
        remedies: Callable[[], tuple[Remedy, ...]] = tuple,
    ) -> int:
        """Report what stopped the trace, if it is news; how many times it had stopped there.

        Of what stops it at one place over and over, the first is the cause.  Sizes that do not fit
        together are the cause of nothing once there are answers of ours among them.
        """
        location = frames[-1].location if frames else self._declaration.target.places.declaration
        workspace = self._declaration.workspace
        follows = self.went_on and (
            errors.do_sizes_clash(error) or syntax_context.is_definition(location, workspace)
        )
        if not self._is_told(error) and location not in self._stopped and not follows:
            self._tell(replace(self._failure(error, stage, frames), checks=remedies))
        self._told = error
        self._stopped[location] += 1
        return self._stopped[location] - 1

    def _is_told(self, error: BaseException) -> bool:
        return self._told is not None and any(link is self._told for link in locate.chain(error))

    def _failure(self, error: BaseException, stage: Stage, frames: list[Frame]) -> Failure:
        return Failure(
            error,
            stage,
            self._mode,
            self._declaration.target,
            self._declaration.workspace,
            self.symbols,
            frames,
            lambda: self._example.record,
        )

    def _tell(self, failure: Failure) -> None:
        """Report a failure's findings but for those that were reported: a loop meets one line
        many times."""
        hidden = self._mode == "non-strict" and syntax_context.is_caught(
            failure.error, failure.frames, failure.workspace
        )
        for finding in self._explain(failure, self._declaration):
            told = replace(finding, alone=self._alone, silent=finding.silent or hidden)
            self._tell_new(replace(told, message=finding.message + HIDDEN) if hidden else told)

    def _tell_new(self, finding: Finding) -> None:
        key = (finding.rule, finding.location)
        if key not in self._reported:
            self._reported.add(key)
            self._branches.tell(finding, self._report)

    def end(self) -> None:
        """To be called when the export is over.

        Raises:
            Exception: ours, if we failed while torch was asking us.
        """
        self._branches.end()
        if self.broken is not None:
            raise self.broken
