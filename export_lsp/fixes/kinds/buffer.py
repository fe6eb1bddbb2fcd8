"""`buffer`: make a tensor that `forward` changes a registered buffer, changed in place.

Of the remedy, `location` is the expression that changes the tensor.  A new buffer is left out of
`state_dict`, as the tensor was, so that existing checkpoints still load.
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
    """Yield the registration in the constructor alone, then with the change made in place."""
    source = sources[remedy.location.file]
    name = _attribute(source, remedy.location)
    node = class_syntax.enclosing_class(source, remedy.location)
    if name is None or node is None:
        return
    made = class_syntax.assignment_in_constructor(node, name)
    registered: tuple[Edit, ...] = ()
    if made is not None and isinstance(made.value, (ast.Call, ast.BinOp)):
        value = source.text_of(made.value)
        line = f'self.register_buffer("{name}", {value}, persistent=False)'
        registered = (Edit(source.location_of(made), line),)
        title = f"Register `{name}` as a buffer"
        yield Candidate(title, registered, rewrites=True, group=GROUP)
    elif not _is_registered(node, name):
        return
    assigned = _assignment(source, remedy.location, name)
    if assigned is not None:
        line = f"self.{name}.copy_({source.text_of(assigned.value)})"
        title = f"Change `{name}` in place: `{line}`"
        if registered:
            title = f"Register `{name}` as a buffer and change it in place: `{line}`"
        edits = (*registered, Edit(source.location_of(assigned), line))
        yield Candidate(title, edits, rewrites=True, group=GROUP)


def _attribute(source: Source, location: Location) -> str | None:
    """Return the attribute of `self` that the expression at a location begins with."""
    node: ast.AST | None = next(iter(source.enclosing(location)), None)
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
        for inner in class_syntax.walk_constructor(node)
    )


def _assignment(source: Source, location: Location, name: str) -> ast.Assign | None:
    """Return the assignment around a location if it is to the attribute alone."""
    around = (node for node in source.enclosing(location) if isinstance(node, ast.Assign))
    innermost = next(around, None)
    if innermost is None or not class_syntax.assigns_only(innermost, name):
        return None
    return innermost
