"""Follows names, parameters and attributes to the expressions that they come from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from export_lsp.fixes.usage import options
from export_lsp.fixes.usage.project import Call, Project, imports_of, last_name
from export_lsp.fixes.usage.scopes import EACH, Each, Path, Scope

# How many steps are followed from one expression: more are a circle.
STEPS = 60

# Functions that return their first argument or something that is iterated over like it, and
# methods that return their object, as far as inputs and models are concerned.
SAME_AS_FIRST = frozenset(
    (
        *("tqdm", "track", "iter", "list", "cycle", "deepcopy", "compile", "Variable"),
        *("DataParallel", "DistributedDataParallel"),
    )
)
SAME_AS_OBJECT = frozenset(
    ("eval", "train", "cuda", "cpu", "share_memory", "requires_grad_", "pin_memory", "detach")
)


@dataclass(frozen=True)
class Place:
    """The place where an expression is evaluated.

    `line` is that of its statement, and `caller` the call by which its function was entered.
    """

    scope: Scope
    line: int
    caller: tuple[ast.Call, Place] | None = None


@dataclass(frozen=True)
class Origin:
    """The part at `path` of the value of an expression at a place."""

    node: ast.expr
    place: Place
    path: Path = ()

    def at(self, node: ast.expr, *path: int | str | Each) -> Origin:
        """Return an expression at the same place."""
        return replace(self, node=node, path=tuple(path))


class Origins:
    """Follows expressions of a project to their origins."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def of(self, start: Origin) -> Origin:
        """Return the expression that a value comes from, as far as it can be followed."""
        for _ in range(STEPS):
            following = self._step(start)
            if following is None:
                break
            start = following
        return start

    def _step(self, here: Origin) -> Origin | None:
        node = here.node
        if isinstance(node, ast.Name):
            return self._name(node.id, here)
        if isinstance(node, ast.Attribute):
            return self._attribute(node, here)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            key = node.slice.value
            return here.at(node.value, key, *here.path) if isinstance(key, (int, str)) else None
        if isinstance(node, ast.IfExp):
            return here.at(node.body, *here.path)
        if isinstance(node, ast.Call):
            return self._call(node, here)
        return self._item(node, here)

    def _item(self, node: ast.expr, here: Origin) -> Origin | None:
        """The item of a literal that the path begins with."""
        if not here.path:
            return None
        first, *rest = here.path
        if isinstance(node, (ast.Tuple, ast.List)):
            index = 0 if isinstance(first, Each) else first
            if isinstance(index, int) and -len(node.elts) <= index < len(node.elts):
                return here.at(node.elts[index], *rest)
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == first:
                    return here.at(value, *rest)
        return None

    # --- names ---------------------------------------------------------------------------------

    def _name(self, name: str, here: Origin) -> Origin | None:
        place, scope = here.place, here.place.scope
        line = place.line
        while True:
            bindings = [each for each in scope.bindings.get(name, []) if each.line < line]
            if bindings:
                last = bindings[-1]
                inside = Place(scope, last.line, place.caller if scope is place.scope else None)
                return Origin(last.value, inside, (*last.path, *here.path))
            if name in scope.parameters:
                own = place if scope is place.scope else Place(scope, line)
                return self._parameter(name, own, here.path)
            if scope.outer is None:
                return self._imported_constant(name, scope, here.path)
            scope, line = scope.outer, 10**9

    def _imported_constant(self, name: str, module: Scope, path: Path) -> Origin | None:
        imported = imports_of(module).get(name)
        if imported is None or not imported.module:
            return None
        stem = imported.module.rpartition(".")[2]
        for file, other in self._project.files.items():
            bindings = other.bindings.get(imported.name)
            if bindings and file.endswith(f"{stem}.py") and other is not module:
                return Origin(bindings[-1].value, Place(other, bindings[-1].line), path)
        return None

    def _parameter(self, name: str, place: Place, path: Path) -> Origin | None:
        """The argument for a parameter: of the call that led here, a test's, or any call's."""
        function = place.scope
        if place.caller is not None:
            call, outer = place.caller
            given = argument(call, function, name)
            if given is not None:
                return Origin(given, outer, path)
        for value, given_path in _parametrized(function, name):
            return Origin(value, Place(function.module, 10**9), (*given_path, *path))
        fixture = self._fixture(name) if _is_test(function) else None
        if fixture is not None:
            value = fixture.returned[-1]
            return Origin(value, Place(fixture, value.lineno), path)
        for each in self._calls_of(function):
            given = argument(each.node, function, name)
            if given is not None:
                return Origin(given, Place(each.scope, each.node.lineno), path)
        default = _default(function, name)
        return Origin(default, Place(function.module, 10**9), path) if default else None

    def _calls_of(self, function: Scope) -> list[Call]:
        owner = function.enclosing_class
        name = owner.name if owner is not None and function.name == "__init__" else function.name
        return self._project.calls.get(name, [])

    def _fixture(self, name: str) -> Scope | None:
        for function in self._project.functions.get(name, []):
            decorators = getattr(function.node, "decorator_list", [])
            if function.returned and any("fixture" in ast.unparse(each) for each in decorators):
                return function
        return None

    # --- attributes ----------------------------------------------------------------------------

    def _attribute(self, node: ast.Attribute, here: Origin) -> Origin | None:
        own = self._own_attribute(node, here)
        if own is not None:
            return own
        owner = self.of(here.at(node.value))
        if owner.path or owner.node is here.node:
            return None
        if isinstance(owner.node, ast.Call):
            kind = self._project.class_at(owner.node.func, owner.place.scope)
            if kind is not None:
                return self._field(kind, owner.node, owner.place, node.attr, here.path)
            if last_name(owner.node.func) in ("parse_args", "parse_known_args"):
                return self._option(node.attr, owner.place, here.path)
        if last_name(node.value) in options.NAMES:
            return self._option(node.attr, here.place, here.path)
        return None

    def _own_attribute(self, node: ast.Attribute, here: Origin) -> Origin | None:
        """The value of an attribute of `self`, from wherever in the class it is assigned."""
        name, owner = ast.unparse(node), here.place.scope.enclosing_class
        if owner is None or not name.startswith("self."):
            return None
        for method in owner.inner.values():
            for binding in method.bindings.get(name, []):
                caller = here.place.caller if method.name == "__init__" else None
                inside = Place(method, binding.line, caller)
                return Origin(binding.value, inside, (*binding.path, *here.path))
        for binding in owner.bindings.get(node.attr, []):
            return Origin(binding.value, Place(owner, binding.line), (*binding.path, *here.path))
        return None

    def _field(
        self, kind: Scope, call: ast.Call, place: Place, name: str, path: Path
    ) -> Origin | None:
        """The value that a field of a configuration object has."""
        for keyword in call.keywords:
            if keyword.arg == name:
                return Origin(keyword.value, place, path)
        constructor = kind.inner.get("__init__")
        if constructor is not None and f"self.{name}" in constructor.bindings:
            binding = constructor.bindings[f"self.{name}"][-1]
            inside = Place(constructor, binding.line, (call, place))
            return Origin(binding.value, inside, (*binding.path, *path))
        for binding in kind.bindings.get(name, []):
            return Origin(binding.value, Place(kind, binding.line), (*binding.path, *path))
        return None

    def _option(self, name: str, place: Place, path: Path) -> Origin | None:
        default = options.default_of_argument(name, place.scope.module)
        return Origin(default, Place(place.scope.module, 10**9), path) if default else None

    # --- calls ---------------------------------------------------------------------------------

    def _call(self, node: ast.Call, here: Origin) -> Origin | None:
        name, path = last_name(node.func), here.path
        if isinstance(node.func, ast.Attribute):
            if name in SAME_AS_OBJECT or (name == "to" and not _has_dtype(node)):
                return here.at(node.func.value, *path)
            if name == "prepare" and node.args:
                position = path[0] if path and isinstance(path[0], int) else 0
                if position < len(node.args):
                    return here.at(node.args[position], *path[1:])
        if (
            name in SAME_AS_FIRST
            and node.args
            and self._project.class_at(node.func, here.place.scope) is None
        ):
            return here.at(node.args[0], *path)
        if name == "enumerate" and node.args and len(path) > 1 and path[1] == 1:
            return here.at(node.args[0], EACH, *path[2:])
        if name == "next" and node.args:
            return here.at(node.args[0], EACH, *path)
        return self._returned(node, here)

    def _returned(self, node: ast.Call, here: Origin) -> Origin | None:
        """The value that a function of the project returns, or yields if it is iterated over."""
        function = self._function(node, here.place)
        if function is None or not function.returned:
            return None
        value, path = function.returned[-1], here.path
        if path and isinstance(path[0], Each) and _is_generator(function):
            path = path[1:]
        return Origin(value, Place(function, value.lineno + 1, (node, here.place)), path)

    def _function(self, node: ast.Call, place: Place) -> Scope | None:
        name = last_name(node.func)
        known = self._project.functions.get(name, [])
        if isinstance(node.func, ast.Name):
            known = [each for each in known if each.enclosing_class is None]
        elif ast.unparse(node.func) == f"self.{name}":
            known = [each for each in known if each.enclosing_class is place.scope.enclosing_class]
        else:
            imported = ast.unparse(node.func).partition(".")[0] in imports_of(place.scope.module)
            known = [each for each in known if each.enclosing_class is None] if imported else []
        own = [each for each in known if each.source.path == place.scope.source.path]
        return next(iter(own or known), None)


def argument(call: ast.Call, function: Scope, name: str) -> ast.expr | None:
    """Return the argument of a call for a parameter of the function that it calls."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    names = list(function.parameters)
    if names[:1] in (["self"], ["cls"]):
        names = names[1:]
    position = names.index(name) if name in names else len(call.args)
    if position < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args):
        return call.args[position]
    return None


def _default(function: Scope, name: str) -> ast.expr | None:
    if not isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    arguments = function.node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(reversed(positional), reversed(arguments.defaults), strict=False),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return next((default for arg, default in pairs if arg.arg == name), None)


def _parametrized(function: Scope, name: str) -> Iterator[tuple[ast.expr, Path]]:
    """Yield the values that ``pytest.mark.parametrize`` gives a parameter, with a path in each."""
    for decorator in getattr(function.node, "decorator_list", []):
        if not isinstance(decorator, ast.Call) or len(decorator.args) < 2:
            continue
        if last_name(decorator.func) != "parametrize":
            continue
        names = decorator.args[0]
        if isinstance(names, ast.Constant):
            known = [each.strip() for each in str(names.value).split(",")]
        else:
            known = [getattr(each, "value", "") for each in getattr(names, "elts", [])]
        values = getattr(decorator.args[1], "elts", [])
        if name in known and values:
            position = known.index(name)
            yield values[0], (position,) if len(known) > 1 else ()


def _is_test(function: Scope) -> bool:
    decorators = getattr(function.node, "decorator_list", [])
    return function.name.startswith("test") or any(
        "fixture" in ast.unparse(each) for each in decorators
    )


def _is_generator(function: Scope) -> bool:
    return any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in ast.walk(function.node))


def _has_dtype(call: ast.Call) -> bool:
    given = [ast.unparse(each) for each in (*call.args, *(k.value for k in call.keywords))]
    return any(each.startswith("torch.") and "device" not in each for each in given)
