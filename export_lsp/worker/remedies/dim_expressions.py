"""Expressions for Dims, in the names that a file has for them."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from export_lsp.protocol import Location
from export_lsp.source import Source
from export_lsp.worker.targets.shape_entry import ShapeEntry


def dim_class_name(source: Source) -> str:
    """Return the name that a file has for ``torch.export.Dim``; that name if it imports none."""
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom) and node.module == "torch.export":
            for alias in node.names:
                if alias.name == "Dim":
                    return alias.asname or alias.name
    return "torch.export.Dim"


def dim_definition(source: Source, location: Location) -> Location:
    """Return the value assigned to the name at a location, if the file assigns it only once.

    Otherwise, or if there is no name, the location itself.
    """
    name = source.expression_at(location)
    if not isinstance(name, ast.Name):
        return location
    values = [
        node.value
        for node in source.nodes
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name.id for target in node.targets)
    ]
    return source.location_of(values[0]) if len(values) == 1 else location


def suggested_dim(
    name: str, suggestions: Mapping[str, str], entries: Sequence[ShapeEntry], source: Source
) -> str | None:
    """Return the expression that torch suggests for a Dim, as the file can write it.

    Args:
        name: The Dim's own name.
        suggestions: torch's expressions by the names of the Dims, "Dim('rows', max=9)", "2*rows".
        entries: The entries of dynamic_shapes, which have the file's expressions for other Dims.
        source: The file.

    Returns:
        The expression; "None" if the suggestion is a constant; None if it cannot be written.
    """
    node = _resolved(name, suggestions, entries, source, frozenset())
    if node is None:
        return None
    if isinstance(node, ast.Constant):
        return "None"
    return ast.unparse(node).replace("'", '"')


def _resolved(
    name: str,
    suggestions: Mapping[str, str],
    entries: Sequence[ShapeEntry],
    source: Source,
    outer: frozenset[str],
) -> ast.expr | None:
    """Resolve a Dim's name to its suggestion, or else to the file's expression.

    `outer` are the names being resolved, whose suggestions may not be used again.
    """
    if name in suggestions and name not in outer:
        try:
            suggested = ast.parse(suggestions[name], mode="eval").body
        except SyntaxError:
            return None
        return _in_file_names(suggested, suggestions, entries, source, outer | {name})
    for entry in entries:
        if entry.name == name:
            return source.expression_at(entry.location)
    return None


def _in_file_names(
    node: ast.expr,
    suggestions: Mapping[str, str],
    entries: Sequence[ShapeEntry],
    source: Source,
    outer: frozenset[str],
) -> ast.expr | None:
    """Replace the names in a suggestion by expressions of the file; None if one has none."""
    if isinstance(node, ast.Call):
        node.func = ast.parse(dim_class_name(source), mode="eval").body
        return node
    if isinstance(node, ast.Name):
        return _resolved(node.id, suggestions, entries, source, outer)
    if isinstance(node, ast.BinOp):
        left, right = (
            _in_file_names(side, suggestions, entries, source, outer)
            for side in (node.left, node.right)
        )
        return None if left is None or right is None else ast.BinOp(left, node.op, right)
    return node
