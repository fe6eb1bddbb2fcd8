"""`inputs` to `verify`: one ``torch.export.export`` a mode, and who explains what it raises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch.export import ExportedProgram

from export_lsp.protocol import Finding, Mode
from export_lsp.worker.data.target import Built
from export_lsp.worker.data.traced_program import ExportOutcome, TracedProgram
from export_lsp.worker.execution.values import state_restored
from export_lsp.worker.graph.module_calls import CallRecorder
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import Failure, memory_finding
from export_lsp.worker.private import call_module, errors, node_stacks, trace
from export_lsp.worker.stages import guards, inputs, lower, silent, verify
from export_lsp.worker.stages.capture.explain import explain as explain_capture
from export_lsp.worker.stages.export.attempt import Attempt
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.exception_text import USER_ERRORS, text_of

# Rules of what makes a program compute something else than the model.
DIFFERENCES = ("numerics-mismatch", "unregistered-state")


def export(
    declaration: Declaration,
    mode: Mode,
    report: Callable[[Finding], None],
    calls: CallRecorder,
    *,
    fakes: bool,
    alone: bool,
) -> ExportOutcome:
    """Export in one mode and report what is wrong; note the `calls` of submodules, which only
    non-strict mode tells of.

    `alone` says that the other mode's trace saw all of the model: what only this one meets, that
    one goes past.

    Raises:
        FakeConstantError: if the failure may come from fake parameters, which `fakes` says that the
            model can have: a list of tensors made of them is a constant.
    """
    built = declaration.built

    def again() -> ExportedProgram:
        with state_restored(built.model) as attributes:
            mute = Attempt(declaration, mode, attributes, explain, _unheard, alone=alone)
            with mute.going_on(), trace.without_graph_print():
                return _export(built, mode)

    program: ExportedProgram | None = None
    with state_restored(built.model) as attributes:
        attempt = Attempt(declaration, mode, attributes, explain, report, alone=alone)
        going_on = True
        while going_on:
            watchers = silent.Watchers(silent.Export(declaration, mode, again))
            try:
                with (
                    attempt.going_on(),
                    node_stacks.exact_stacks(declaration.workspace.contains),
                    trace.without_graph_print(),
                    call_module.watch_calls(calls.note),
                    watchers.watching(),
                ):
                    program = _export(built, mode)
                going_on = False
            except USER_ERRORS as error:
                if fakes and lower.holds_fake(error):
                    raise lower.FakeConstantError(text_of(error)) from error
                attempt.failed(error)
                going_on = attempt.begin_again(error)
            finally:
                torch._dynamo.reset()
                attempt.end()
    # A program with parts from eager in it says nothing of the model's own.
    found = list(watchers.findings(None if attempt.substituted else program))
    for finding in found:
        report(finding)
    # What was found here makes it differ from eager, and that has been told.
    altered = attempt.went_on
    faithful = not altered and not any(finding.rule in DIFFERENCES for finding in found)
    exported = TracedProgram(program, mode, altered, faithful) if program is not None else None
    return ExportOutcome(exported, attempt.complete)


def _unheard(finding: Finding) -> None:
    """What was reported before."""


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


def explain(failure: Failure, declaration: Declaration) -> list[Finding]:
    """The findings of a failed export, by the stage it failed in."""
    memory = memory_finding(failure)
    if memory is not None:
        return [memory]
    if failure.stage == "inputs" or not failure.frames:
        finding = inputs.explain(failure, declaration)
        if finding is not None:
            return [replace(finding, stage="inputs")]
    if errors.find(locate.chain(failure.error), errors.CONSTRAINT_VIOLATION) or (
        failure.stage == "guards" and "data-dependent" not in failure.text
    ):
        violations = guards.explain(failure, declaration)
        return violations or [guards.fallback(failure, declaration)]
    violations = verify.explain(failure)
    if violations:
        return violations
    finding = lower.explain(failure, declaration.built)
    return [finding or explain_capture(failure, declaration.built)]
