"""The results of a model before its edits, for trials of edits that may change what it computes.

One process cannot import both versions of a file, so the version on disk is imported, built and run
in a fork of the run, before the run imports the edited one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

from export_lsp.protocol import Finding
from export_lsp.worker.check.input_variations import VARIATIONS, Vary
from export_lsp.worker.data.target import Built
from export_lsp.worker.execution import values
from export_lsp.worker.execution.budget import FORK_MEMORY
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.private import errors
from export_lsp.worker.stages.capture import forward_error
from export_lsp.worker.stages.run.model_calls import (
    CallResult,
    ModelCalls,
    result_difference,
    results_agree,
)
from export_lsp.worker.system.forked_call import CAN_FORK, call_in_fork
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.exception_text import USER_ERRORS, text_of

# Seconds in which all targets have to be loaded, built and run.
PATIENCE = 60.0

UNKNOWN = "the results of the model before the edits are not known"

# The results of a target, one for each of the `VARIATIONS`; None where the model raised.
Results = Sequence["CallResult | None"]


@dataclass(frozen=True)
class Reference:
    """The results of each target before the edits, by name.

    `results` is None if the edits cannot change the results, so that there is nothing to compare.
    """

    results: Mapping[str, Results] | None = None

    def findings(
        self, declaration: Declaration, leave_out: Callable[[str], None]
    ) -> Iterator[Finding]:
        """Run the edited model in eager mode and compare its results with those before the edits.

        Args:
            declaration: The edited target.  Without values for its parameters nothing is yielded.
            leave_out: Called with the reason if the results cannot be compared.

        Yields:
            A `forward-error` if the model raises, a `numerics-mismatch` if its results differ.
        """
        built, name = declaration.built, declaration.target.name
        if not values.can_have_values(built.model, (built.args, built.kwargs or {})):
            return  # the program is not compared with eager mode either
        calls = ModelCalls(built)
        try:
            result = calls.eager()
        except USER_ERRORS as error:
            if not errors.wants_cuda(text_of(error)):
                yield forward_error.explain_eager(_failure(error, declaration), error)
            return
        if self.results is None:
            return
        if name not in self.results:
            leave_out(UNKNOWN)
            return
        difference = _difference(self.results[name], result, calls)
        if difference is not None:
            message = f"With the edits the model gives {difference}"
            failure = _failure(Exception(difference), declaration)
            yield failure.finding("numerics-mismatch", message)


def _difference(before: Results, now: CallResult, calls: ModelCalls) -> str | None:
    """Describe the first difference from the results before; None if all are the same."""
    for result, vary in zip(before, VARIATIONS, strict=True):
        if result is None:
            continue
        try:
            varied = now if vary is None else calls.eager(vary=vary)
        except USER_ERRORS as error:
            return f"{error!r}"
        if not results_agree(result, varied):
            return result_difference(result, varied)
    return None


def _failure(error: BaseException, declaration: Declaration) -> Failure:
    workspace = declaration.workspace
    stack = locate.stack_of(error, workspace)
    symbols = SymbolTracker(workspace)
    return Failure(error, "run", None, declaration.target, workspace, symbols, stack)


def take_reference(targets: Callable[[], Iterable[tuple[str, Built]]]) -> Reference:
    """Run the targets that `targets` yields, with their names, in a fork of this process.

    `targets` itself is called in the fork, so it may import and build.  Targets without values for
    their parameters are left out of the result.  If the fork fails or takes more than `PATIENCE`
    seconds, or if this platform has no fork, all are left out.
    """
    if not CAN_FORK:
        return Reference({})
    results = call_in_fork(lambda: dict(_results(targets())), timeout=PATIENCE, memory=FORK_MEMORY)
    return Reference(results or {})


def _results(
    targets: Iterable[tuple[str, Built]],
) -> Iterable[tuple[str, list[CallResult | None]]]:
    for name, built in targets:
        if values.can_have_values(built.model, (built.args, built.kwargs or {})):
            calls = ModelCalls(built)
            yield name, [_result(calls, vary) for vary in VARIATIONS]


def _result(calls: ModelCalls, vary: Vary | None) -> CallResult | None:
    try:
        result = calls.eager(vary=vary)
    except USER_ERRORS:
        return None
    # Without their autograd graphs, results can be sent to the parent process.
    return CallResult(
        [leaf.detach() if isinstance(leaf, torch.Tensor) else leaf for leaf in result.outputs],
        {name: tensor.detach() for name, tensor in result.buffers.items()},
    )
