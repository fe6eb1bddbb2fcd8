"""Trace the edited submodules alone, with the inputs they had in the last trace of the model.

Only what holds in the whole model as well is told: the first failure of a trace, if it lies in an
edited function and is of a kind that does not depend on what came before the call.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

import torch
from torch.nn import Module

from export_lsp.protocol import Check, Finding, Location, ModuleCall, RuleCode
from export_lsp.source import first_line
from export_lsp.worker.check.reporter import Emit, Reporter
from export_lsp.worker.check.snapshot.body_diff import NotResumableError
from export_lsp.worker.check.snapshot.model_snapshot import ChangedFile, Snapshot
from export_lsp.worker.data.eager_record import EagerError, EagerRecord
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.data.target import Built, Target
from export_lsp.worker.execution.values import state_restored
from export_lsp.worker.graph.module_calls import remake_inputs
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.private import symbolic_shapes, trace
from export_lsp.worker.remedies import checks, from_syntax
from export_lsp.worker.stages.capture.explain import explain
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.exception_text import USER_ERRORS
from export_lsp.worker.user_code.workspace import Workspace

RULES: tuple[RuleCode, ...] = (
    "data-dependent-branch",
    "data-dependent-guard",
    "unsupported-operator",
    "forward-error",
)

# What modules are called by without being named.
FORWARD = "forward"


def report_early_findings(check: Check, emit: Emit, snapshot: Snapshot) -> int:
    """Tell what is found early; the exit status of the process."""
    try:
        changes = snapshot.changes(check)
    except NotResumableError:
        return 0  # the run beside this one says so
    checked = snapshot.resume(check, changes)
    names = {target.name: target for target in checked.targets}
    [(name, built)] = checked.built.items()
    target = names[name]
    if "non-strict" in (target.modes or check.modes) and "capture" in check.stages:
        reporter = Reporter(check, emit)
        for call in edited_calls(built.model, snapshot.calls.get(name, ()), changes):
            finding = trace_alone(
                built.model.get_submodule(call.module), call, target, checked.workspace
            )
            if finding is not None and _is_within(finding.location, changes):
                reporter.finding(from_syntax.extended(finding, checked.workspace), early=True)
    return 0


def edited_calls(
    model: Module, calls: Iterable[ModuleCall], changes: Iterable[ChangedFile]
) -> Iterator[ModuleCall]:
    """The calls of modules that an edit is about: of their own functions, or of one these name."""
    changed = {code for change in changes for code in change.edited}
    names = {code.co_name for code in changed} - {FORWARD}
    for call in calls:
        codes = set(_codes(type(model.get_submodule(call.module))))
        if codes & changed or any(names.intersection(code.co_names) for code in codes):
            yield call


def _codes(kind: type) -> Iterator[CodeType]:
    for base in kind.__mro__:
        for value in vars(base).values():
            function = getattr(value, "fget", None) or getattr(value, "__func__", value)
            if isinstance(function, FunctionType):
                yield inspect.unwrap(function).__code__


def trace_alone(
    module: Module, call: ModuleCall, target: Target, workspace: Workspace
) -> Finding | None:
    """The first failure of a non-strict trace of a submodule; None if there is none to tell of."""
    args, kwargs, shapes, named = remake_inputs(call)
    built = Built(module, args, kwargs, None)
    declaration = Declaration(target, built, workspace)
    dynamic = declaration.by_parameter(shapes, named)
    watch = _Watch(declaration)
    try:
        with (
            state_restored(module),
            symbolic_shapes.ShapeEnvWatch(watch.symbols, watch.asked),
            trace.without_graph_print(),
        ):
            torch.export.export(module, args, kwargs, dynamic_shapes=dynamic, strict=False)
    except USER_ERRORS as error:
        finding = explain(watch.failure(error), built)
        sure = finding.rule in RULES and finding.stage == "capture" and not watch.unsure
        return finding if sure else None
    return None


class _Watch:
    """What is met in a trace: where it asks a question on data first, and what may help there.

    `unsure` says that what eager does, which is not known of a module alone, would decide.
    """

    def __init__(self, declaration: Declaration) -> None:
        self._declaration = declaration
        self.symbols = SymbolTracker(declaration.workspace)
        self.unsure = False
        self._asked: _Asked | None = None

    def asked(self, question: symbolic_shapes.Question) -> None:
        """Note a question; nobody answers it, so that the trace ends."""
        if self._asked is not None:
            return
        frame, workspace = sys._getframe(1), self._declaration.workspace
        symbolic_shapes.suggest_checks(question.error)
        origins = self.symbols.origins_in(question.expression)
        live = locate.live_frames(frame, workspace)
        remedies = checks.remedies(question, None, live, origins, workspace)
        frames = locate.current_frames(frame, workspace)
        self._asked = _Asked(question.error, frames, lambda: remedies)

    def failure(self, error: BaseException) -> Failure:
        """What ended the trace, which is the question if there was one."""
        workspace = self._declaration.workspace
        asked = self._asked or _Asked(error, locate.frames_of(error, workspace))
        return Failure(
            asked.error,
            trace.stage_of(error.__traceback__) or "capture",
            "non-strict",
            self._declaration.target,
            workspace,
            self.symbols,
            asked.frames,
            lambda: self._in_eager(error),
            asked.checks,
        )

    def _in_eager(self, error: BaseException) -> EagerRecord:
        """A name that is not defined is so without a trace; of other errors that is not known."""
        for link in locate.chain(error):
            if isinstance(link, NameError):
                frames = locate.frames_of(link, self._declaration.workspace)
                return EagerRecord(error=EagerError.of(link, frames))
        self.unsure = True
        return EagerRecord()


@dataclass(frozen=True)
class _Asked:
    error: BaseException
    frames: list[Frame]
    checks: Callable[[], tuple[Any, ...]] = tuple


def _is_within(place: Location, changes: Iterable[ChangedFile]) -> bool:
    """Whether a place is in a function that was edited."""
    for change in changes:
        lines = {code.co_firstlineno for code in change.edited}
        if change.source.path != place.file or change.source.tree is None:
            continue
        for node in ast.walk(change.source.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                first = first_line(node)
                last = node.end_lineno or node.lineno
                if first in lines and first <= place.start.line + 1 <= last:
                    return True
    return False
