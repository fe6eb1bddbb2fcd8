"""`inputs` to `verify`: one ``torch.export.export`` a mode, and who explains what it raises."""

from __future__ import annotations

import torch

from export_lsp.protocol import Finding, Mode
from export_lsp.worker import locate
from export_lsp.worker.failure import USER_ERRORS, Failure
from export_lsp.worker.names import Symbols
from export_lsp.worker.private import trace
from export_lsp.worker.stages.build import Built
from export_lsp.worker.targets import Target
from export_lsp.worker.workspace import Workspace


def export(built: Built, mode: Mode, target: Target, workspace: Workspace) -> list[Finding]:
    """Export in one mode; what stops it as findings, none if it succeeds."""
    symbols = Symbols(workspace)
    try:
        with symbols.recording():
            torch.export.export(
                built.model,
                built.args,
                built.kwargs,
                dynamic_shapes=built.dynamic_shapes,
                strict=mode == "strict",
            )
    except USER_ERRORS as error:
        links = locate.chain(error)
        stage = next(filter(None, (trace.stage_of(e.__traceback__) for e in links)), "capture")
        frames = locate.frames_of(error, workspace)
        failure = Failure(error, stage, mode, target, workspace, symbols, frames)
        return explain(failure, built)
    finally:
        torch._dynamo.reset()
    return []


def explain(failure: Failure, built: Built) -> list[Finding]:
    return [failure.finding("internal-error", f"{type(failure.error).__name__}: {failure.text}")]
