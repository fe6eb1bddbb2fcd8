"""`inputs` to `verify`: one ``torch.export.export`` a mode, and who explains what it raises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch

from export_lsp.protocol import Finding, Mode, Stage
from export_lsp.worker import locate
from export_lsp.worker.declaration import Declaration
from export_lsp.worker.exported import Exported
from export_lsp.worker.failure import USER_ERRORS, Failure, memory_finding
from export_lsp.worker.names import Symbols
from export_lsp.worker.private import errors, node_stacks, trace
from export_lsp.worker.stages import guards, inputs, lower, verify
from export_lsp.worker.stages.capture.explain import explain as explain_capture
from export_lsp.worker.values import unchanged


def export(
    declaration: Declaration, mode: Mode, report: Callable[[Finding], None], *, fakes: bool
) -> Exported | None:
    """Export in one mode and report what is wrong; the program, None if there is none.

    Raises:
        FakeConstantError: if the failure may come from fake parameters, which `fakes` says that the
            model can have: a list of tensors made of them is a constant.
    """
    built = declaration.built
    symbols = Symbols(declaration.workspace)
    try:
        with (
            unchanged(built.model),
            symbols.recording(),
            node_stacks.exact(declaration.workspace.contains),
            trace.unprinted(),
        ):
            program = torch.export.export(
                built.model,
                built.args,
                built.kwargs,
                dynamic_shapes=built.dynamic_shapes,
                strict=mode == "strict",
            )
    except USER_ERRORS as error:
        if fakes and lower.holds_fake(error):
            raise lower.FakeConstantError(str(error)) from error
        for finding in explain(_failure(error, mode, declaration, symbols), declaration):
            report(finding)
        return None
    finally:
        torch._dynamo.reset()
    return Exported(program, mode)


def _failure(
    error: BaseException, mode: Mode, declaration: Declaration, symbols: Symbols
) -> Failure:
    workspace = declaration.workspace
    stages = (trace.stage_of(link.__traceback__) for link in locate.chain(error))
    stage: Stage = next((stage for stage in stages if stage is not None), "capture")
    frames = locate.frames_of(error, workspace)
    if not frames:
        frames = locate.node_frames(error, workspace) or locate.text_frames(str(error), workspace)
    return Failure(error, stage, mode, declaration.target, workspace, symbols, frames)


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
