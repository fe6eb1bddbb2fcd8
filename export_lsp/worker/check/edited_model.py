"""Compares a model that a trial has edited with the one on disk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from torch.utils import _pytree as pytree

from export_lsp.protocol import Finding, Mode
from export_lsp.worker.check.reference import SECONDS, Before, Reference, kinds_of
from export_lsp.worker.data.traced_program import TracedProgram
from export_lsp.worker.execution import values
from export_lsp.worker.execution.smaller_inputs import takes_sizes
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.private import errors
from export_lsp.worker.stages.capture import forward_error
from export_lsp.worker.stages.run.model_calls import (
    CallResult,
    ModelCalls,
    ProgramCalls,
    UnknownStateError,
    result_difference,
    results_agree,
)
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.targets.input_variations import EXAMPLE, Variation
from export_lsp.worker.text.exception_text import USER_ERRORS, text_of
from export_lsp.worker.text.sentences import Words

UNKNOWN = "the results of the model before the edits are not known"


class EditedModel:
    """An edited target, and how it differs from the one on disk.

    Args:
        declaration: The edited target.
        reference: The results of the targets before the edits.
        leave_out: Called with the reason if the results cannot be compared.
    """

    def __init__(
        self, declaration: Declaration, reference: Reference, leave_out: Callable[[str], None]
    ) -> None:
        self._declaration = declaration
        self._reference = reference
        self._leave_out = leave_out
        self._before = reference.targets.get(declaration.target.name, Before())
        built = declaration.built
        self._leaves = pytree.tree_leaves((built.args, built.kwargs or {}))
        self._agree: set[Variation] = set()
        self._refused: set[Variation] = set()
        self._compared_with: set[Mode | None] = set()

    @property
    def refuses(self) -> bool:
        """True if the model or its program has raised for inputs that the model on disk takes."""
        return bool(self._refused)

    @property
    def both_sides(self) -> bool:
        """True if results agree for inputs that give the guard both truth values."""
        truths = (self._before.truths.get(variation, ()) for variation in self._agree)
        return len({truth for each in truths for truth in each}) > 1

    def eager_findings(self) -> Iterator[Finding]:
        """Run the model in eager mode; without values for its parameters nothing is yielded.

        Further calls do nothing.

        Yields:
            A `forward-error` if the model raises on its example inputs, a `numerics-mismatch` if
            its results differ from those before the edits.
        """
        built = self._declaration.built
        if None in self._compared_with:
            return
        self._compared_with.add(None)
        if not values.can_have_values(built.model, (built.args, built.kwargs or {})):
            return  # the program is not compared with eager mode either
        calls = ModelCalls(built)
        try:
            result = calls.eager()
        except USER_ERRORS as error:
            if not errors.wants_cuda(text_of(error)):
                yield forward_error.explain_eager(self._failure(error), error)
            return
        if self._declaration.target.name not in self._reference.targets:
            if self._reference.needed:
                self._leave_out(UNKNOWN)
            return
        before = self._before.results.get(EXAMPLE)
        if before is not None and not results_agree(before, result):
            yield self._difference("the model", before, result)
            return
        self._agree.add(EXAMPLE)
        if self._before.inputs != kinds_of(self._leaves):
            return
        for variation in self._before.varied:
            yield from self._compared("the model", variation, lambda v: calls.eager(vary=v.of))

    def program_findings(self, exported: TracedProgram) -> Iterator[Finding]:
        """Run a program that agrees with the model on the example inputs on the variations.

        Further calls for the program of the same mode do nothing.

        Yields:
            A `numerics-mismatch` if its results differ from those of the model before the edits.
        """
        built = self._declaration.built
        if not exported.faithful or not self._agree or exported.mode in self._compared_with:
            return
        self._compared_with.add(exported.mode)
        calls = ProgramCalls(built, exported.program)
        compared, self._agree = self._agree - {EXAMPLE}, {EXAMPLE}
        started = time.process_time()
        calls.eager()  # gives fake parameters their values
        for variation in sorted(compared, key=self._before.varied.index):
            if time.process_time() - started > SECONDS:
                break
            if self._is_excused(variation):
                continue
            if not takes_sizes(exported.program, variation.of(self._leaves)):
                if variation.promised:
                    self._refused.add(variation)
                continue
            yield from self._compared(
                "the exported program",
                variation,
                lambda v: calls.program(lambda node, result: None, v.of),
            )

    def _is_excused(self, variation: Variation) -> bool:
        """Return whether a program may refuse a variation, whatever the edits.

        Where a size comes from data that is all the same, torch may rule out 0 and 1 all by itself.
        """
        truths = self._before.truths
        return variation.is_constant and truths.get(variation) == truths.get(EXAMPLE)

    def _compared(
        self, subject: str, variation: Variation, call: Callable[[Variation], CallResult]
    ) -> Iterator[Finding]:
        """Call the model or its program on a variation, and yield the difference."""
        before = self._before.results[variation]
        try:
            result = call(variation)
        except UnknownStateError:
            return
        except USER_ERRORS as error:
            if not errors.out_of_memory(error):
                self._refused.add(variation)
            return
        if results_agree(before, result):
            self._agree.add(variation)
        else:
            yield self._difference(subject, before, result)

    def _difference(self, subject: str, before: CallResult, now: CallResult) -> Finding:
        difference = result_difference(before, now)
        words = Words("Other results", f"With the edits {subject} gives {difference}.", code="")
        return self._failure(Exception(difference)).finding("numerics-mismatch", words)

    def _failure(self, error: BaseException) -> Failure:
        workspace = self._declaration.workspace
        stack = locate.stack_of(error, workspace)
        symbols = SymbolTracker(workspace)
        return Failure(error, "run", None, self._declaration.target, workspace, symbols, stack)
