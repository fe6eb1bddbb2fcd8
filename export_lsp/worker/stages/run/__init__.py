"""`run`: compares the exported program with the model in eager mode, on the example inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from torch.fx import Node

from export_lsp.protocol import Finding, Mode
from export_lsp.worker.data.traced_program import ProgramOptions, TracedProgram
from export_lsp.worker.execution import budget, seeds
from export_lsp.worker.graph import program_graph
from export_lsp.worker.private import errors
from export_lsp.worker.stages.run import fake_kernels
from export_lsp.worker.stages.run.comparison_findings import ComparisonFindings
from export_lsp.worker.stages.run.divergence import ResultLog, first_divergence
from export_lsp.worker.stages.run.model_calls import (
    CallResult,
    ProgramCalls,
    UnknownStateError,
    as_if_exporting,
    results_agree,
)
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.exception_text import USER_ERRORS, text_of

LeaveOut = Callable[[str], None]

NOT_FAITHFUL = "failures found while tracing make the program differ from the model"
TOO_COSTLY = "running the model on values takes too much memory or time, or an absent device"
NO_STATE = "the program has state without values"
MADE_UP = "the model fails in eager mode on made-up values:"
NOT_REPEATABLE = "two calls of the model with the same seed differ"
INTENDED = "the model does something else on purpose while it is exported"
OTHER_GENERATOR = "the program draws its random numbers from another generator than the model"
ROUNDING = "an index or a comparison turns a rounding error into another result"


def check(
    exported: TracedProgram, declaration: Declaration, options: ProgramOptions
) -> Iterator[Finding]:
    """Run the model and its program on the example inputs, and yield the differences.

    `options.leave_out` gets the reason if they cannot be compared.
    """
    leave_out = options.leave_out
    built, program = declaration.built, exported.program
    if not exported.faithful:
        leave_out(NOT_FAITHFUL)
        return
    if program_graph.lacks_data(program):
        leave_out(NO_STATE)
        return
    affordable = budget.affordable(built, program)
    if affordable is None:
        leave_out(TOO_COSTLY)
        return
    calls = ProgramCalls(affordable, program)
    findings = ComparisonFindings(exported, declaration)
    try:
        eager = calls.eager()
    except USER_ERRORS as error:
        if errors.out_of_memory(error):
            leave_out(TOO_COSTLY)
        elif _may_work_on_own_values(error, calls):
            leave_out(f"{MADE_UP} {error!r}")
        else:
            yield from findings.eager_failure(error)
        return
    mismatches: list[tuple[Node, str]] = []

    def compare_kernels(node: Node, result: Any) -> None:
        mismatch = fake_kernels.mismatch(node, result)
        if mismatch is not None:
            mismatches.append((node, mismatch))

    try:
        program_result = calls.program(compare_kernels)
    except UnknownStateError:
        leave_out(NO_STATE)
        return
    except USER_ERRORS as error:
        if errors.out_of_memory(error):
            leave_out(TOO_COSTLY)
            return
        yield from findings.kernel_mismatches(mismatches) or findings.program_failure(error)
        return
    if mismatches:
        yield from findings.kernel_mismatches(mismatches)
    elif not results_agree(eager, program_result):
        yield from _differing(calls, eager, program_result, declaration, findings, leave_out)


def _may_work_on_own_values(error: BaseException, calls: ProgramCalls) -> bool:
    """Return whether an eager failure may be due to made-up values or an absent device.

    An `IndexError` is not: it is about sizes, which are the model's own.
    """
    made_up = calls.values_are_made_up and not isinstance(error, IndexError)
    return made_up or errors.wants_cuda(text_of(error))


def _differing(
    calls: ProgramCalls,
    eager: CallResult,
    program_result: CallResult,
    declaration: Declaration,
    findings: ComparisonFindings,
    leave_out: LeaveOut,
) -> Iterator[Finding]:
    """Yield the finding for differing results, if the export is the cause of the difference."""
    eager_log, program_log = ResultLog(declaration.workspace), ResultLog(declaration.workspace)
    try:
        repeatable = results_agree(eager, calls.eager(eager_log.recording_functions()))
    except USER_ERRORS:
        repeatable = False
    if not repeatable:
        leave_out(NOT_REPEATABLE)
        return
    if _is_intended(calls, program_result, findings.mode):
        leave_out(INTENDED)
        return
    calls.program(program_log.record_node)
    divergence = first_divergence(eager_log, program_log)
    if divergence is not None and divergence.rounding:
        leave_out(ROUNDING)
        return
    drawn = divergence is not None and findings.draws_random_numbers(divergence)
    if drawn and _varies_with_seed(calls, eager):
        leave_out(OTHER_GENERATOR)
        return
    yield findings.difference(eager, program_result, divergence)


def _varies_with_seed(calls: ProgramCalls, eager: CallResult) -> bool:
    try:
        return not results_agree(eager, calls.eager(seeds.seeded(seeds.OTHER_RESULTS)))
    except USER_ERRORS:
        return True


def _is_intended(calls: ProgramCalls, program_result: CallResult, mode: Mode) -> bool:
    """Return whether the model itself agrees with the program while it seems to be exported."""
    try:
        return results_agree(calls.eager(as_if_exporting(mode)), program_result)
    except USER_ERRORS:
        return False
