"""`inputs` to `verify`: export a target in one mode, and resume after failures that end an export.

A failure is reported as soon as it is known. Then the trace resumes with the values of the example
inputs in eager mode: a data-dependent guard gets the example's answer, and an expression that
cannot be traced is replaced by its value. Where a running trace cannot resume, the model is traced
again in another round, in which the user's functions are compiled to get past that location.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch
from torch.export import ExportedProgram

from export_lsp.protocol import Finding, Location, Mode
from export_lsp.worker.data.learned import Learned
from export_lsp.worker.data.target import Built
from export_lsp.worker.data.traced_program import ExportOutcome, TracedProgram
from export_lsp.worker.execution import values as tensor_values
from export_lsp.worker.execution.model_state import state_restored
from export_lsp.worker.graph.module_calls import CallRecorder
from export_lsp.worker.insight import trace_notes
from export_lsp.worker.insight.learn import learn
from export_lsp.worker.insight.node_notes import node_notes
from export_lsp.worker.insight.trace_notes import TraceNotes
from export_lsp.worker.places import locate
from export_lsp.worker.private import call_module, node_stacks, real_clones, trace
from export_lsp.worker.stages import inputs, silent
from export_lsp.worker.stages.export.new_findings import NewFindings
from export_lsp.worker.stages.export.resume_non_strict import NonStrictResumer
from export_lsp.worker.stages.export.resume_strict import StrictResumer
from export_lsp.worker.stages.export.resumer import Resumer, resuming
from export_lsp.worker.stages.export.round_state import RoundState
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.exception_text import USER_ERRORS

# Rules of findings that say that the program computes something else than the model.
DIFFERENCES = ("numerics-mismatch", "unregistered-state")

# Locations that later rounds get past; each round adds one.
MAX_PASSED = 6

DueToBuild = Callable[[BaseException], bool]


class BuildMattersError(Exception):
    """An export failed because of how the model was built; the cause says in which way."""


class _TooDeepError(Exception):
    """The calls of a trace are nested too deeply, and a note takes a call more."""


@dataclass(frozen=True)
class _RoundResult:
    """The result of a round. Another one could get past `stuck_at`, unless that is None."""

    program: ExportedProgram | None
    state: RoundState
    detectors: silent.Detectors
    stuck_at: Location | None
    notes: TraceNotes


def export(
    declaration: Declaration,
    mode: Mode,
    report: Callable[[Finding], None],
    calls: CallRecorder,
    *,
    due_to_build: DueToBuild,
    alone: bool,
    insight_wanted: bool,
) -> ExportOutcome:
    """Export a target in one mode with ``torch.export.export``, and report its failures.

    Args:
        report: called with each finding as soon as it is known.
        calls: records the calls of submodules, in non-strict mode only.
        due_to_build: returns whether a failure may come from how the model was built.
        alone: True if the other mode's trace covered the whole model, so that a failure which only
            this mode meets is a failure of this mode alone.
        insight_wanted: True if `ExportOutcome.learned` is wanted.  Strict mode knows less, and
            only of a program that is torch's own.

    Returns:
        The program, if there is one, and whether the trace covered the whole model.

    Raises:
        BuildMattersError: from such a failure.
    """
    refused = list(inputs.refused(declaration, mode))
    if refused:
        for finding in refused:
            report(finding)
        return ExportOutcome(None, False)
    findings = NewFindings(declaration, report, alone=alone)
    passed: list[Location] = []
    note = insight_wanted and mode == "non-strict"
    run = functools.partial(_run_round, declaration, mode, findings, passed, calls, due_to_build)
    with state_restored(declaration.built.model) as attributes:
        try:
            rounds = [run(note)]
        except _TooDeepError:
            attributes.restore()
            note = False
            rounds = [run(note)]
        while (stuck_at := rounds[-1].stuck_at) is not None and len(passed) < MAX_PASSED:
            passed.append(stuck_at)
            attributes.restore()
            rounds.append(run(note))
    last = rounds[-1]
    # Detectors need the model's own program, without substitutes from eager mode.
    found = list(last.detectors.findings(None if last.state.substituted else last.program))
    for finding in found:
        report(finding)
    altered = last.state.resumed
    learned = Learned()
    if note:
        # A round that gets past failures runs other code, without notes in their files.
        notes = max((each.notes for each in rounds), key=lambda each: len(each.tensors))
        own = None if altered else last.program
        learned = learn(declaration, notes, last.state.symbols, own)
    elif insight_wanted and last.program is not None and not altered:
        notes = node_notes(last.program, declaration)
        learned = learn(declaration, notes, last.state.symbols, last.program)
    if last.program is None:
        return ExportOutcome(None, last.state.complete, learned)
    faithful = not altered and not any(finding.rule in DIFFERENCES for finding in found)
    program = TracedProgram(last.program, mode, altered, faithful)
    return ExportOutcome(program, last.state.complete, learned)


def _run_round(
    declaration: Declaration,
    mode: Mode,
    findings: NewFindings,
    passed: Sequence[Location],
    calls: CallRecorder,
    due_to_build: DueToBuild,
    note: bool,
) -> _RoundResult:
    """Trace the model once, from its start to its end or to a failure it cannot resume after."""
    state = RoundState(declaration, mode, findings)
    resumer = _resumer(state, passed)
    repeat = functools.partial(_repeat, declaration, mode, note)
    trace_only = functools.partial(_repeat, declaration, "non-strict", note)
    observed = silent.ObservedExport(
        declaration, mode, repeat, trace_only, lambda: state.symbols.has_assumed
    )
    detectors = silent.Detectors(observed)
    program, stuck_at = None, None
    notes = TraceNotes()
    try:
        with (
            _noting(declaration, notes) if note else contextlib.nullcontext(),
            resuming(state, resumer),
            node_stacks.exact_stacks(state.workspace.contains),
            trace.without_graph_print(),
            call_module.watch_calls(calls.note),
            detectors.observing(),
        ):
            program = _export(declaration.built, mode)
    except USER_ERRORS as error:
        if note and any(isinstance(link, RecursionError) for link in locate.chain(error)):
            raise _TooDeepError from error
        explained = detectors.explain_failure(error)
        if explained:
            state.fail_because(explained)
        elif due_to_build(error):
            raise BuildMattersError from error
        else:
            state.fail(error, resumer.is_consequence)
        if not state.complete and not findings.sides_taken:
            stuck_at = resumer.place_to_pass(error)
    finally:
        torch._dynamo.reset()
        findings.exit_if_forked()
        state.own_errors.raise_first()
    return _RoundResult(program, state, detectors, stuck_at, notes)


def _resumer(state: RoundState, passed: Sequence[Location]) -> Resumer:
    return StrictResumer(state) if state.mode == "strict" else NonStrictResumer(state, passed)


def _noting(declaration: Declaration, notes: TraceNotes) -> AbstractContextManager[None]:
    return trace_notes.noting(declaration.built.model, declaration.workspace, notes)


def _repeat(declaration: Declaration, mode: Mode, note: bool) -> ExportedProgram:
    """Export once more and report nothing; the model's attributes stay as they were.

    With `note` the code is that of an export whose values were noted: detectors compare calls by
    their places in the code.
    """
    findings = NewFindings(declaration, _drop, alone=False)
    state = RoundState(declaration, mode, findings)
    with state_restored(declaration.built.model):
        try:
            with (
                _noting(declaration, TraceNotes()) if note else contextlib.nullcontext(),
                resuming(state, _resumer(state, ())),
                trace.without_graph_print(),
            ):
                return _export(declaration.built, mode)
        finally:
            findings.exit_if_forked()


def _drop(finding: Finding) -> None:
    """Report nothing: the first export has reported the same."""


def _export(built: Built, mode: Mode) -> ExportedProgram:
    with real_clones.failing_as_real(tensor_values.state_of(built.model)):
        program: ExportedProgram = torch.export.export(
            built.model,
            built.args,
            built.kwargs,
            dynamic_shapes=built.dynamic_shapes,
            strict=mode == "strict",
            preserve_module_call_signature=built.preserved,
        )
    return program
