"""The state of one round of an export, which is one trace of the model from its start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from export_lsp.protocol import Finding, Location, Mode, Remedy
from export_lsp.stages import Stage
from export_lsp.worker.data import eager_values
from export_lsp.worker.data.frame import Stack
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
    """The failures of one round, and what they mean for its program.

    `stops` counts how often the trace resumed at each location. `substituted` is
    True if a value from eager mode is in the trace, with the example's sizes. `complete` is False
    if the trace skipped code of the model's that runs on the example inputs.
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
        self._failed: set[Location] = set()
        self.substituted = False
        self.complete = True
        self._last_error: BaseException | None = None

    @property
    def resumed(self) -> bool:
        """True if the trace resumed after a failure that ends torch's own."""
        return bool(self.stops)

    def stop(
        self,
        error: BaseException,
        stage: Stage,
        stack: Stack,
        resumes_at: Location | None = None,
        checks: Callable[[], tuple[Remedy, ...]] = tuple,
    ) -> int:
        """Count a failure after which the trace resumes; report it unless it follows from another.

        The first failure at a location is the cause of later ones there. Sizes that do not fit
        together are a consequence once the trace has resumed.

        Args:
            stack: the one of the failure.
            resumes_at: the expression that gets another value, by default the one that fails.
            checks: returns conditions for ``torch._check``, see `Failure.checks`.

        Returns:
            How often the trace resumed there before.
        """
        failed = stack.innermost or self.declaration.target.places.declaration
        is_consequence = self.resumed and (
            errors.do_sizes_clash(error) or syntax_context.is_definition(failed, self.workspace)
        )
        if not self._is_from_last(error) and failed not in self._failed and not is_consequence:
            failure = self._failure(error, stage, stack)
            self.findings.report_failure(replace(failure, checks=checks))
        self._last_error = error
        self._failed.add(failed)
        self.stops[resumes_at or failed] += 1
        return self.stops[resumes_at or failed] - 1

    def note_substitute(self, value: object) -> None:
        """Record that a value from eager mode was put into the trace."""
        self.substituted = self.substituted or not eager_values.is_exact(value)

    def fail(self, error: BaseException, is_consequence: IsConsequence) -> None:
        """Report the exception that ended the round, unless it was reported or is a consequence.

        `is_consequence` is asked only if the trace has resumed before.
        """
        stages = (trace.stage_of(link.__traceback__) for link in locate.chain(error))
        stage: Stage = next((stage for stage in stages if stage is not None), "capture")
        self.complete = self.complete and stage not in ("inputs", "capture")
        stack = self._stack_behind(error)
        location = stack.innermost
        if self._is_from_last(error) or location in self._failed:
            return
        if self._is_on_chosen_side(location):
            return
        if self.resumed and (
            is_consequence(error, stage)
            or errors.do_sizes_clash(error)
            # Without a place in the user's code, torch failed over an answer that was given to it.
            or (location is None and errors.is_internal(error))
            # Later stages work on a graph that is no longer the model's.
            or (self.substituted and stage != "capture")
        ):
            return
        self.findings.report_failure(self._failure(error, stage, stack))

    def fail_because(self, findings: Sequence[Finding]) -> None:
        """Report the findings that explain the exception that ended the round after its trace.

        Nothing is reported if the trace has resumed: its graph is no longer the model's.
        """
        if not self.substituted:
            for finding in findings:
                self.findings.report(finding)

    def _stack_behind(self, error: BaseException) -> Stack:
        return (
            locate.stack_of(error, self.workspace)
            or locate.stack_of_failed_node(error, self.workspace)
            or node_frames.text_stack(text_of(error), self.workspace)
        )

    def _is_on_chosen_side(self, location: Location | None) -> bool:
        """Return whether the user's code raises there, on a side eager mode may not take."""
        return (
            self.findings.sides_taken
            and location is not None
            and syntax_context.is_raised(location, self.workspace)
        )

    def _is_from_last(self, error: BaseException) -> bool:
        """Return whether the exception, or a link of its chain, was counted last."""
        last = self._last_error
        return last is not None and any(link is last for link in locate.chain(error))

    def _failure(self, error: BaseException, stage: Stage, stack: Stack) -> Failure:
        return Failure(
            error,
            stage,
            self.mode,
            self.declaration.target,
            self.workspace,
            self.symbols,
            stack,
            lambda: self.example.record,
        )
