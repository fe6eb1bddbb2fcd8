"""Selects the models of a project that need a declaration."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from export_lsp.fixes.usage.project import Project, last_name
from export_lsp.fixes.usage.scopes import Scope
from export_lsp.fixes.usage.uses import Uses
from export_lsp.protocol import TARGET_NAMES

# Ends of the names of modules that are not exported.
_NOT_EXPORTED = ("Loss", "Criterion", "Metric", "Metrics")


@dataclass(frozen=True)
class Model:
    """A class of models in a file that declares no target.

    Attributes:
        scope: The class.
        left_out: Why it needs no declaration, as the rest of a sentence; "" if it does.
        alone: True if no other model of its file needs one.
    """

    scope: Scope
    left_out: str = ""
    alone: bool = True

    @property
    def file(self) -> str:
        return self.scope.source.path

    @property
    def name(self) -> str:
        return self.scope.name

    @property
    def line(self) -> int:
        """The line of the class, from 1."""
        assert isinstance(self.scope.node, ast.ClassDef)
        return self.scope.node.lineno


def undeclared(
    project: Project, uses: Uses, files: Iterable[str], named: Iterable[str]
) -> Iterator[Model]:
    """Yield the models of files that declare no target, in the order of the files.

    Args:
        project: The project of the files.
        uses: The uses of its models.
        files: The files.
        named: Those of them whose models count even if they are parts of others.
    """
    certain = frozenset(named)
    for file in files:
        module = project.files.get(file)
        if module is None or _declares(module):
            continue
        scopes = [module.inner[node.name] for node in project.models(file)]
        reasons = [_reason(each, project, uses, named=file in certain) for each in scopes]
        for scope, reason in zip(scopes, reasons, strict=True):
            yield Model(scope, reason, reasons.count("") == 1)


def _declares(module: Scope) -> bool:
    names = {name for scope in module.walk() for name in (*scope.bindings, *scope.inner)}
    return not names.isdisjoint(TARGET_NAMES)


def _reason(scope: Scope, project: Project, uses: Uses, *, named: bool) -> str:
    """Return why a model needs no declaration; "" if it does."""
    whole = uses.whole_of(scope)
    if whole is not None and not (named and whole.source.path != scope.source.path):
        return f"a part of {whole.name}"
    heirs = [name for name, each in project.classes.items() if _inherits(each[0], scope)]
    if heirs and not uses.of(scope):
        return f"the base of {heirs[0]}"
    if named:
        return ""
    if scope.name.endswith(_NOT_EXPORTED):
        return "not exported as a rule; name its file to declare it"
    if _is_trainer(scope, project, uses):
        return "trains another model"
    return ""


def _inherits(heir: Scope, base: Scope) -> bool:
    node = heir.node
    return isinstance(node, ast.ClassDef) and base.name in {last_name(each) for each in node.bases}


def _is_trainer(scope: Scope, project: Project, uses: Uses) -> bool:
    """Return whether a class is a Lightning module that makes a model of the project."""
    node = scope.node
    if not isinstance(node, ast.ClassDef) or "LightningModule" not in map(last_name, node.bases):
        return False
    models = {each.name for file in project.files for each in project.models(file)}
    calls = (call for inner in scope.walk() for call in inner.calls)
    return any(last_name(call.func) in models - {scope.name} for call in calls)
