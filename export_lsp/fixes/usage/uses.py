"""The calls that make models of a class, and the calls of these models."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from export_lsp.fixes.usage.origins import Origin, Origins, Place
from export_lsp.fixes.usage.project import Project, last_name
from export_lsp.fixes.usage.scopes import Scope

# Functions that take a model and its example inputs.
EXPORTERS = ("export", "draft_export", "trace", "trace_module", "summary", "FlopCountAnalysis")
# Methods that call the model itself.
METHODS = ("forward", "generate_logits")
# Methods that return the model.
SAME_MODEL = ("float", "half", "double", "bfloat16", "to")


@dataclass(frozen=True)
class Use:
    """A model that is made, and called with `args` and `keywords` if `called` is set."""

    made: Origin
    args: Sequence[Origin] = ()
    keywords: Mapping[str, Origin] = field(default_factory=dict)
    called: Place | None = None

    @property
    def call(self) -> ast.Call:
        """The call of the class."""
        assert isinstance(self.made.node, ast.Call)
        return self.made.node


class Uses:
    """The models that a project makes, and their calls, by class."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._origins = Origins(project)
        self._classes = {
            scope.source.path: {node.name for node in project.models(scope.source.path)}
            for scope in project.files.values()
        }
        self._made: dict[Scope, list[Use]] = {}
        self._called: dict[Scope, list[Use]] = {}
        self._parts: dict[Scope, Scope] = {}
        for module in project.files.values():
            for scope in module.walk():
                for call in scope.calls:
                    self._read(call, scope)

    def of(self, model: Scope) -> list[Use]:
        """Return the uses of a class: calls of its models first, then those that only make one."""
        return [*self._called.get(model, ()), *self._made.get(model, ())]

    def whole_of(self, model: Scope) -> Scope | None:
        """Return the module of the project that has this one as a part; None if there is none."""
        return self._parts.get(model)

    def _read(self, call: ast.Call, scope: Scope) -> None:
        kind = self._project.class_at(call.func, scope) if last_name(call.func) else None
        if kind is not None and self._is_model(kind):
            around = self._module_around(scope)
            if around is None:
                made = Origin(call, Place(scope, call.lineno))
                self._made.setdefault(kind, []).append(Use(made))
            elif around is not kind:
                self._parts.setdefault(kind, around)
            return
        for use in self._call_of_model(call, Place(scope, call.lineno)):
            kind = self._project.class_at(use.call.func, use.made.place.scope)
            if kind is not None:
                self._called.setdefault(kind, []).append(use)

    def _is_model(self, kind: Scope) -> bool:
        return kind.name in self._classes.get(kind.source.path, ())

    def _module_around(self, scope: Scope) -> Scope | None:
        """The module class that a scope is in; a Lightning module only trains another one."""
        inner: Scope | None = scope
        while inner is not None:
            if isinstance(inner.node, ast.ClassDef) and self._is_model(inner):
                bases = {last_name(base) for base in inner.node.bases}
                return None if "LightningModule" in bases else inner
            inner = inner.outer
        return None

    def _call_of_model(self, call: ast.Call, place: Place) -> Iterator[Use]:
        """Yield the use that a call of a model, or of an exporter, is."""
        name = last_name(call.func)
        here = Origin(call, place)
        if name in EXPORTERS and call.args:
            made = self._model(here.at(call.args[0]))
            if made is not None:
                yield self._exported(made, call, here)
            return
        function = call.func
        if isinstance(function, ast.Attribute) and name in METHODS:
            function = function.value
        if not self._may_be_model(function, place):
            return
        made = self._model(here.at(function))
        if made is not None:
            keywords = {k.arg: here.at(k.value) for k in call.keywords if k.arg is not None}
            yield Use(made, [here.at(each) for each in call.args], keywords, place)

    def _may_be_model(self, function: ast.expr, place: Place) -> bool:
        """Return whether a called expression may be a model: a quick look at its name."""
        if isinstance(function, ast.Call):
            return True
        if isinstance(function, ast.Name):
            return _is_bound(function.id, place.scope)
        return ast.unparse(function).startswith("self.")

    def _model(self, start: Origin) -> Origin | None:
        """Return the call of a model's class that a value comes from."""
        here = self._origins.of(start)
        node = here.node
        while (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in SAME_MODEL
        ):
            here = self._origins.of(here.at(node.func.value))
            node = here.node
        if here.path or not isinstance(node, ast.Call) or not last_name(node.func):
            return None
        kind = self._project.class_at(node.func, here.place.scope)
        return here if kind is not None and self._is_model(kind) else None

    def _exported(self, made: Origin, call: ast.Call, here: Origin) -> Use:
        """Return the use of a model by an exporter."""
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        size = given.get("input_size")
        if size is not None:
            text = ast.parse("torch.randn()", mode="eval").body
            assert isinstance(text, ast.Call)
            drawn = ast.Call(text.func, [size], [])
            return Use(made, [here.at(drawn)], {}, here.place)
        inputs = given.get("args") or (call.args[1] if len(call.args) > 1 else None)
        keywords = given.get("kwargs") or (call.args[2] if len(call.args) > 2 else None)
        args: list[Origin] = []
        if inputs is not None:
            found = self._origins.of(here.at(inputs))
            if isinstance(found.node, (ast.Tuple, ast.List)) and not found.path:
                args = [found.at(each) for each in found.node.elts]
            else:
                args = [found]
        return Use(made, args, self._entries(keywords, here), here.place)

    def _entries(self, node: ast.expr | None, here: Origin) -> dict[str, Origin]:
        if node is None:
            return {}
        found = self._origins.of(here.at(node))
        if not isinstance(found.node, ast.Dict) or found.path:
            return {}
        return {
            str(key.value): found.at(value)
            for key, value in zip(found.node.keys, found.node.values, strict=True)
            if isinstance(key, ast.Constant)
        }


def _is_bound(name: str, scope: Scope | None) -> bool:
    """Return whether a name is a parameter, or assigned to, in a scope or one around it."""
    if scope is None:
        return False
    known = name in scope.parameters or name in scope.bindings
    return known or _is_bound(name, scope.outer)
