"""The calls in a file that export a model, as far as its syntax tells.

Server and worker both need it, so it is written for the standard library alone, like `protocol`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

# By the names they are documented under.
EXPORTERS = ("torch.export.export", "torch.export.draft_export", "torch.onnx.export")

# In the text of every file with such a call.
EXPORT_WORD = re.compile(r"\b(draft_)?export\b", re.ASCII)


def export_calls(tree: ast.Module) -> list[ast.Call]:
    """The calls of torch's exporters that running the file may come to, in the order of the text.

    One of ``torch.onnx.export`` with ``dynamo=False`` is not among them: that is TorchScript's.
    Nor is one in a function that nothing in the file names: what calls it is elsewhere.
    """
    names = _imported(tree)
    mentioned = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    mentioned |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    calls = [
        call
        for call in _calls_within(tree, mentioned)
        if _dotted(call.func, names) in EXPORTERS
        and not any(word.arg == "dynamo" and _is_false(word.value) for word in call.keywords)
    ]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _calls_within(node: ast.AST, mentioned: set[str]) -> Iterator[ast.Call]:
    """All calls but those in functions that are not mentioned; special methods need not be."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            special = child.name == "forward" or child.name.startswith("__")
            if child.name not in mentioned and not special:
                continue
        yield from _calls_within(child, mentioned)


def by_target_name(calls: list[ast.Call]) -> dict[str, ast.Call]:
    """Export calls by the names of the targets that they are: "export", "export 2" …"""
    return {f"export {n}" if n > 1 else "export": call for n, call in enumerate(calls, 1)}


def _imported(tree: ast.Module) -> dict[str, str]:
    """What the names that are imported anywhere in the file stand for."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    """The full name that an expression is written for; "" for none."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute) and (owner := _dotted(node.value, names)):
        return f"{owner}.{node.attr}"
    return ""


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
