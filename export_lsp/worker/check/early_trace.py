"""Trace the edited submodules alone, with the inputs they had in the last trace of the model.

A finding is reported early only if a trace of the whole model is sure to find it as well: it is the
first failure of the trace, lies in an edited function, and is of a kind that does not depend on
what the model does before the call.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn import Module

from export_lsp.protocol import Check, Finding, ModuleCall, Remedy, RuleCode
from export_lsp.worker.check.edited_calls import edited_calls, is_in_edited_function
from export_lsp.worker.check.reporter import Emit, Reporter
from export_lsp.worker.check.snapshot.errors import NotResumableError
from export_lsp.worker.check.snapshot.model_snapshot import Snapshot
from export_lsp.worker.data.eager_record import EagerError, EagerRecord
from export_lsp.worker.data.frame import Stack
from export_lsp.worker.data.target import Built, Target
from export_lsp.worker.execution.model_state import state_restored
from export_lsp.worker.graph.module_calls import remake_inputs
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.private import shape_env_watch, symbolic_shapes, trace
from export_lsp.worker.remedies import checks, from_syntax
from export_lsp.worker.stages.capture import explain
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.exception_text import USER_ERRORS
from export_lsp.worker.user_code.workspace import Workspace

# The rules whose findings do not depend on what the model does before the call.
RULES: tuple[RuleCode, ...] = (
    "data-dependent-branch",
    "data-dependent-guard",
    "unsupported-operator",
    "forward-error",
)


def report_early_findings(check: Check, emit: Emit, snapshot: Snapshot) -> int:
    """Trace the submodules that an edit concerns, and report what fails in edited functions.

    Runs beside the run of the same check, in a process of its own; the snapshot is used up.

    Returns:
        The exit status of the process.
    """
    try:
        changes = snapshot.changes(check)
    except NotResumableError:
        return 0  # the run of the check reports it
    checked = snapshot.resume(check, changes)
    [(name, built)] = checked.built.items()
    target = next(target for target in checked.targets if target.name == name)
    if "non-strict" in (target.modes or check.modes) and "capture" in check.stages:
        reporter = Reporter(check, emit)
        for call in edited_calls(built.model, snapshot.calls.get(name, ()), changes):
            module = built.model.get_submodule(call.module)
            finding = trace_alone(module, call, target, checked.workspace)
            if finding is not None and is_in_edited_function(finding.location, changes):
                reporter.finding(from_syntax.extended(finding, checked.workspace), early=True)
    return 0


def trace_alone(
    module: Module, call: ModuleCall, target: Target, workspace: Workspace
) -> Finding | None:
    """Export one submodule in non-strict mode with the inputs of a recorded call.

    Returns:
        The finding for the first failure; None if the export succeeds, or if the whole model may
        not fail in the same way.
    """
    args, kwargs, shapes, named_shapes = remake_inputs(call)
    built = Built(module, args, kwargs, None)
    declaration = Declaration(target, built, workspace)
    dynamic = declaration.by_parameter(shapes, named_shapes)
    observer = _Observer(declaration)
    try:
        with (
            state_restored(module),
            shape_env_watch.ShapeEnvWatch(observer.symbols, observer.ask),
            trace.without_graph_print(),
        ):
            torch.export.export(module, args, kwargs, dynamic_shapes=dynamic, strict=False)
    except USER_ERRORS as error:
        finding = explain(observer.failure(error), built)
        sure = finding.rule in RULES and finding.stage == "capture" and not observer.unsure
        return finding if sure else None
    return None


class _Observer:
    """Observes a trace: where it first asks a question about data, and what may help there.

    `unsure` is set if the explanation of the failure depends on what eager mode does, which is not
    known of a submodule alone.
    """

    def __init__(self, declaration: Declaration) -> None:
        self._declaration = declaration
        self.symbols = SymbolTracker(declaration.workspace)
        self.unsure = False
        self._first: _Stop | None = None

    def ask(self, question: symbolic_shapes.Question) -> None:
        """Keep the first question.  None of them is answered, so that the trace ends."""
        if self._first is not None:
            return
        frame, workspace = sys._getframe(1), self._declaration.workspace
        symbolic_shapes.suggest_checks(question.error, frame)
        origins = self.symbols.origins_in(question.expression)
        live = locate.live_frames(frame, workspace)
        remedies = checks.remedies(question, None, live, origins, workspace)
        stack = locate.current_stack(frame, workspace)
        self._first = _Stop(question.error, stack, lambda: remedies)

    def failure(self, error: BaseException) -> Failure:
        """Return the failure that ended the trace: the first question, else `error` itself."""
        workspace = self._declaration.workspace
        stop = self._first or _Stop(error, locate.stack_of(error, workspace))
        return Failure(
            stop.error,
            trace.stage_of(error.__traceback__) or "capture",
            "non-strict",
            self._declaration.target,
            workspace,
            self.symbols,
            stop.stack,
            lambda: self._in_eager(error),
            stop.checks,
        )

    def _in_eager(self, error: BaseException) -> EagerRecord:
        """Return what eager mode does: an undefined name fails there too, the rest is unknown."""
        for link in locate.chain(error):
            if isinstance(link, NameError):
                stack = locate.stack_of(link, self._declaration.workspace)
                return EagerRecord(error=EagerError.of(link, stack))
        self.unsure = True
        return EagerRecord()


@dataclass(frozen=True)
class _Stop:
    """The failure that ended a trace, and the conditions that would let it go on."""

    error: BaseException
    stack: Stack
    checks: Callable[[], tuple[Remedy, ...]] = tuple
