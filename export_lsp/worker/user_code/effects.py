"""Statements at the top level of a file that may change what a later import does.

Libraries are imported ahead of a run only as far as the file imports them before the first such
statement.  ``torch.set_default_dtype(torch.float64)``, ``sys.modules["x"] = stub`` and
``warnings.filterwarnings("error")`` have effects, and so has any other call.  Imports have effects,
too, but they are repeated in their order.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from export_lsp.top_level import MODULE_BASES, asks_for_main

# fmt: off
# Functions that only make a value, as they are usually written.
_MAKERS = frozenset({
    "bool", "dict", "float", "frozenset", "int", "list", "range", "set", "str", "tuple",
    "NewType", "ParamSpec", "TypeVar", "field", "getLogger", "namedtuple",
    "collections.namedtuple", "dataclasses.field", "logging.getLogger", "typing.NewType",
    "typing.TypeVar",
})
# Decorators that register nothing.
_DECORATORS = frozenset({
    "abstractmethod", "cache", "cached_property", "classmethod", "contextmanager", "dataclass",
    "final", "lru_cache", "overload", "override", "property", "staticmethod",
    "abc.abstractmethod", "contextlib.contextmanager", "dataclasses.dataclass", "functools.cache",
    "functools.cached_property", "functools.lru_cache", "torch.inference_mode", "torch.no_grad",
    "typing.override",
})
# Classes whose subclasses are registered nowhere.
_BASES = frozenset({
    "ABC", "Enum", "Exception", "Generic", "IntEnum", "NamedTuple", "Protocol", "RuntimeError",
    "StrEnum", "TypedDict", "ValueError", "abc.ABC", "dict", "enum.Enum", "int", "list", "object",
    "str", "tuple", "typing.Generic", "typing.NamedTuple", "typing.Protocol",
    *MODULE_BASES,
})
# fmt: on
_TORCH_CLASSES = ("nn.", "torch.nn.", "torch.autograd.")
# How the statements of classes begin in `Beginning.statements`.
CLASS = "class "
# Methods that run when the class, or a subclass of it, is defined.
_HOOKS = frozenset({"__init_subclass__", "__set_name__", "__class_getitem__"})

# Expressions that run no code of anybody's, as long as their parts do not.
_PLAIN = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Starred, ast.Lambda),
    *(ast.Tuple, ast.List, ast.Dict, ast.Set, ast.JoinedStr, ast.FormattedValue, ast.IfExp),
    *(ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare),
)


@dataclass(frozen=True)
class Beginning:
    """The part of a file before its first statement with effects.

    `statements` has what decides about its imports: while they stay the same, the file imports the
    same modules there.  `effect` is the line of the first statement with effects, counted from 1;
    None if the file has none.
    """

    statements: tuple[str, ...]
    effect: int | None


def beginning_of(tree: ast.Module) -> Beginning:
    """Return the part of a file that only imports and defines."""
    reader = _Reader()
    effect = reader.read(tree.body)
    end = "" if effect is None else "…"
    return Beginning((*reader.statements, end), _line_of(effect) if effect is not None else None)


def _line_of(statement: ast.stmt) -> int:
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def is_plain(class_statement: str) -> bool:
    """Return whether the bases and decorators of a class are torch's or Python's own.

    Args:
        class_statement: One of `Beginning.statements` that begins with `CLASS`.
    """
    names = class_statement.removeprefix(CLASS).split(", ")
    known = _BASES | _DECORATORS | {""}
    return all(name in known or name.startswith(_TORCH_CLASSES) for name in names)


@functools.lru_cache(maxsize=256)
def beginning_of_text(text: str) -> Beginning | None:
    """Return the part of a text that only imports and defines; None if it does not parse."""
    try:
        return beginning_of(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class _Reader:
    """Reads statements up to the first one with effects."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self._classes: set[str] = set()

    def read(self, body: Iterable[ast.stmt]) -> ast.stmt | None:
        """Read a block; return its first statement with effects."""
        return next(filter(None, map(self._first_effect, body)), None)

    def _first_effect(self, statement: ast.stmt) -> ast.stmt | None:
        match statement:
            case ast.Import() | ast.ImportFrom():
                self.statements.append(ast.unparse(statement))
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                return None
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return None if _is_plain_function(statement) else statement
            case ast.ClassDef():
                return self._class(statement)
            case ast.Assign() | ast.AnnAssign():
                targets = statement.targets if isinstance(statement, ast.Assign) else []
                plain = _all_plain(targets) and _only_names(targets) and _is_plain_value(statement)
                return None if plain else statement
            case ast.If() if asks_for_main(statement.test):
                return self._blocks(statement.orelse)
            case ast.If(test=test) if _is_plain(test):
                self.statements.append(f"if {ast.unparse(test)}:")
                return self._blocks(statement.body, statement.orelse)
            case ast.Try():
                handlers = [handler.body for handler in statement.handlers]
                self.statements.append("try:")
                return self._blocks(
                    statement.body, *handlers, statement.orelse, statement.finalbody
                )
            case _:
                return statement
        return None

    def _blocks(self, *blocks: list[ast.stmt]) -> ast.stmt | None:
        for block in blocks:
            effect = self.read(block)
            self.statements.append("end of block")
            if effect is not None:
                return effect
        return None

    def _class(self, statement: ast.ClassDef) -> ast.stmt | None:
        header = [*statement.bases, *statement.decorator_list]
        self.statements.append(f"{CLASS}{', '.join(map(ast.unparse, header))}")
        if statement.keywords or not all(map(self._is_known_base, statement.bases)):
            return statement
        inner = _Reader()
        inner._classes = self._classes
        functions = (each for each in statement.body if isinstance(each, ast.FunctionDef))
        if any(function.name in _HOOKS for function in functions):
            return statement
        if not all(map(_is_plain_decorator, statement.decorator_list)) or inner.read(
            statement.body
        ):
            return statement
        self.statements += inner.statements
        self._classes.add(statement.name)
        return None

    def _is_known_base(self, base: ast.expr) -> bool:
        name = ast.unparse(base.value if isinstance(base, ast.Subscript) else base)
        known = name in _BASES or name in self._classes or name.startswith(_TORCH_CLASSES)
        return known and _is_plain(base)


def _is_plain_function(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = function.args
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    evaluated = [
        *arguments.defaults,
        *(default for default in arguments.kw_defaults if default is not None),
        *(each.annotation for each in every if each.annotation is not None),
        *([function.returns] if function.returns is not None else []),
    ]
    return _all_plain(evaluated) and all(map(_is_plain_decorator, function.decorator_list))


def _is_plain_decorator(decorator: ast.expr) -> bool:
    if isinstance(decorator, ast.Call):
        values = [*decorator.args, *(keyword.value for keyword in decorator.keywords)]
        return ast.unparse(decorator.func) in _DECORATORS and _all_plain(values)
    name = ast.unparse(decorator)
    # `@width.setter` of a property that is defined above.
    return name in _DECORATORS or name.endswith((".setter", ".getter", ".deleter"))


def _is_plain_value(statement: ast.Assign | ast.AnnAssign) -> bool:
    if isinstance(statement, ast.AnnAssign):
        return (
            isinstance(statement.target, ast.Name)
            and _is_plain(statement.annotation)
            and (statement.value is None or _is_plain(statement.value))
        )
    return _is_plain(statement.value)


def _only_names(targets: Iterable[ast.expr]) -> bool:
    """Return whether targets are variables: attributes and items may be those of a library."""
    nodes = (node for target in targets for node in ast.walk(target))
    return not any(isinstance(node, (ast.Attribute, ast.Subscript)) for node in nodes)


def _all_plain(expressions: Iterable[ast.expr]) -> bool:
    return all(map(_is_plain, expressions))


def _is_plain(expression: ast.expr) -> bool:
    """Return whether evaluating an expression has no effects."""
    if isinstance(expression, ast.Lambda):
        return True
    if isinstance(expression, ast.Call):
        arguments = [*expression.args, *(keyword.value for keyword in expression.keywords)]
        return ast.unparse(expression.func) in _MAKERS and _all_plain(arguments)
    return isinstance(expression, _PLAIN) and _all_plain(_parts(expression))


def _parts(expression: ast.expr) -> Iterator[ast.expr]:
    yield from (node for node in ast.iter_child_nodes(expression) if isinstance(node, ast.expr))
