"""`buffer`: state of a module that export can see: a registered buffer, changed in place.

Of the remedy, `location` is the expression that changes the state.  A buffer that is made here is
no part of `state_dict`, as the tensor was none: checkpoints go on fitting.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from export_lsp.fixes import class_syntax
from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import Edit
from export_lsp.protocol import Location, Remedy
from export_lsp.source import Source

GROUP = "the buffer"


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    source = sources[remedy.location.file]
    name = _attribute(source, remedy.location)
    node = class_syntax.around(source, remedy.location)
    if name is None or node is None:
        return
    made = class_syntax.made(node, name)
    registered: tuple[Edit, ...] = ()
    if made is not None and isinstance(made.value, (ast.Call, ast.BinOp)):
        value = source.text_of(made.value)
        line = f'self.register_buffer("{name}", {value}, persistent=False)'
        registered = (Edit(source.location_of(made), line),)
        title = f"Register `{name}` as a buffer"
        yield Candidate(title, registered, rewrites=True, group=GROUP)
    elif not _is_registered(node, name):
        return
    for assigned in _assigned(source, remedy.location, name):
        value = source.text_of(assigned.value)
        line = f"self.{name}.copy_({value})"
        title = f"Change `{name}` in place: `{line}`"
        if registered:
            title = f"Register `{name}` as a buffer and change it in place: `{line}`"
        edits = (*registered, Edit(source.location_of(assigned), line))
        yield Candidate(title, edits, rewrites=True, group=GROUP)


def _attribute(source: Source, place: Location) -> str | None:
    """The attribute of `self` that the expression at a place begins with."""
    node: ast.AST | None = next(iter(source.enclosing(place)), None)
    while isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
        inner = node.func if isinstance(node, ast.Call) else node.value
        own = isinstance(inner, ast.Name) and inner.id == "self"
        if own and isinstance(node, ast.Attribute):
            return node.attr
        node = inner
    return None


def _is_registered(node: ast.ClassDef, name: str) -> bool:
    return any(
        isinstance(inner, ast.Call)
        and ast.unparse(inner.func) == "self.register_buffer"
        and bool(inner.args)
        and ast.unparse(inner.args[0]).strip("'\"") == name
        for inner in class_syntax.in_constructor(node)
    )


def _assigned(source: Source, place: Location, name: str) -> Iterator[ast.Assign]:
    """The statement at the place, if it assigns to the attribute."""
    for node in source.enclosing(place):
        if isinstance(node, ast.Assign):
            if class_syntax.sets(node, name):
                yield node
            return
