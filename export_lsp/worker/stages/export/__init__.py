"""`inputs` to `verify`: export a target in one mode, past everything that stops torch's own export.

What stops the trace is reported at once. Then the trace goes on as eager mode does on the example
inputs: with the example's number where a guard depends on data, with eager mode's value where an
expression cannot be traced. `export` traces in rounds: what a trace cannot get past while it runs,
the next round passes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch.export import ExportedProgram

from export_lsp.protocol import Finding, Location, Mode
from export_lsp.worker.data.target import Built
from export_lsp.worker.data.traced_program import ExportOutcome, TracedProgram
from export_lsp.worker.execution.model_state import state_restored
from export_lsp.worker.graph.module_calls import CallRecorder
from export_lsp.worker.private import call_module, node_stacks, trace
from export_lsp.worker.stages import lower, silent
from export_lsp.worker.stages.export.new_findings import NewFindings
from export_lsp.worker.stages.export.resume_non_strict import NonStrictResumer
from export_lsp.worker.stages.export.resume_strict import StrictResumer
from export_lsp.worker.stages.export.resumer import Resumer, resuming
from export_lsp.worker.stages.export.round_state import RoundState
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.exception_text import USER_ERRORS, text_of

# Rules of findings that make a program compute something else than the model.
DIFFERENCES = ("numerics-mismatch", "unregistered-state")

# Places that rounds pass, one more in each round.
MAX_PASSED = 6


@dataclass(frozen=True)
class _RoundResult:
    """How a round ended; another one could pass `stuck_at`, unless that is None."""

    program: ExportedProgram | None
    state: RoundState
    detectors: silent.Detectors
    stuck_at: Location | None


def export(
    declaration: Declaration,
    mode: Mode,
    report: Callable[[Finding], None],
    calls: CallRecorder,
    *,
    fakes: bool,
    alone: bool,
) -> ExportOutcome:
    """Export a target in one mode, as ``torch.export.export`` does, and report what is wrong.

    Args:
        report: called with each finding as soon as it is known.
        calls: gets the calls of submodules, in non-strict mode only.
        fakes: True if the model may have fake parameters.
        alone: True if the other mode's trace saw all of the model. What this mode alone finds is
            not a problem of the other mode then.

    Returns:
        The program, if one came of it, and whether the trace saw all of the model.

    Raises:
        FakeConstantError: if the failure may come from fake parameters.
    """
    findings = NewFindings(declaration, report, alone=alone)
    passed: list[Location] = []
    with state_restored(declaration.built.model) as attributes:
        last = _run_round(declaration, mode, findings, passed, calls, fakes=fakes)
        while last.stuck_at is not None and len(passed) < MAX_PASSED:
            passed.append(last.stuck_at)
            attributes.restore()
            last = _run_round(declaration, mode, findings, passed, calls, fakes=fakes)
    # A program with values from eager mode in it says nothing of the model's own.
    found = list(last.detectors.findings(None if last.state.substituted else last.program))
    for finding in found:
        report(finding)
    if last.program is None:
        return ExportOutcome(None, last.state.complete)
    altered = last.state.resumed
    faithful = not altered and not any(finding.rule in DIFFERENCES for finding in found)
    program = TracedProgram(last.program, mode, altered, faithful)
    return ExportOutcome(program, last.state.complete)


def _run_round(
    declaration: Declaration,
    mode: Mode,
    findings: NewFindings,
    passed: Sequence[Location],
    calls: CallRecorder,
    *,
    fakes: bool,
) -> _RoundResult:
    """Trace the model once from its start, past what can be passed while the trace runs."""
    state = RoundState(declaration, mode, findings)
    resumer = _resumer(state, passed)
    repeat = functools.partial(_repeat, declaration, mode)
    detectors = silent.Detectors(silent.ObservedExport(declaration, mode, repeat))
    program, stuck_at = None, None
    try:
        with (
            resuming(state, resumer),
            node_stacks.exact_stacks(state.workspace.contains),
            trace.without_graph_print(),
            call_module.watch_calls(calls.note),
            detectors.observing(),
        ):
            program = _export(declaration.built, mode)
    except USER_ERRORS as error:
        if fakes and lower.is_fake_constant(error):
            raise lower.FakeConstantError(text_of(error)) from error
        state.fail(error, resumer.is_consequence)
        if not state.complete and not findings.sides_taken:
            stuck_at = resumer.place_to_pass(error)
    finally:
        torch._dynamo.reset()
        findings.exit_if_forked()
        state.own_errors.raise_first()
    return _RoundResult(program, state, detectors, stuck_at)


def _resumer(state: RoundState, passed: Sequence[Location]) -> Resumer:
    return StrictResumer(state) if state.mode == "strict" else NonStrictResumer(state, passed)


def _repeat(declaration: Declaration, mode: Mode) -> ExportedProgram:
    """Export once more and report nothing; the model's attributes stay as they were."""
    findings = NewFindings(declaration, _drop, alone=False)
    state = RoundState(declaration, mode, findings)
    with state_restored(declaration.built.model):
        try:
            with resuming(state, _resumer(state, ())), trace.without_graph_print():
                return _export(declaration.built, mode)
        finally:
            findings.exit_if_forked()


def _drop(finding: Finding) -> None:
    """Report nothing: the first export has reported it."""


def _export(built: Built, mode: Mode) -> ExportedProgram:
    program: ExportedProgram = torch.export.export(
        built.model,
        built.args,
        built.kwargs,
        dynamic_shapes=built.dynamic_shapes,
        strict=mode == "strict",
        preserve_module_call_signature=built.preserved,
    )
    return program
