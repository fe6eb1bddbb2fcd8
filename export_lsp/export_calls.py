"""The calls in a file that export a model, as far as its syntax tells.

Loaded by server and worker, so that it needs nothing but the standard library, as `protocol` does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

# By the names under which torch documents them.
EXPORTERS = ("torch.export.export", "torch.export.draft_export", "torch.onnx.export")

# Every file with such a call has this in its text.
EXPORT_WORD = re.compile(r"\b(draft_)?export\b", re.ASCII)


def export_calls(tree: ast.Module) -> list[ast.Call]:
    """Return the calls of torch's exporters that running the file may reach, in text order.

    A call of ``torch.onnx.export`` with ``dynamo=False`` does not count: it uses TorchScript.  Nor
    does a call in a function that is not mentioned in the file: another file has to call that.
    """
    names = _imported_names(tree)
    mentioned = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    mentioned |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    calls = [
        call
        for call in _reachable_calls(tree, mentioned)
        if _qualified_name(call.func, names) in EXPORTERS
        and not any(word.arg == "dynamo" and _is_false(word.value) for word in call.keywords)
    ]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def by_target_name(calls: list[ast.Call]) -> dict[str, ast.Call]:
    """Return export calls by the names of their targets, "export", "export 2" and so on."""
    return {f"export {n}" if n > 1 else "export": call for n, call in enumerate(calls, 1)}


def _reachable_calls(node: ast.AST, mentioned: set[str]) -> Iterator[ast.Call]:
    """Yield all calls except those in functions whose names are not mentioned.

    Special methods and `forward` are called without being mentioned.
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            special = child.name == "forward" or child.name.startswith("__")
            if child.name not in mentioned and not special:
                continue
        yield from _reachable_calls(child, mentioned)


def _imported_names(tree: ast.Module) -> dict[str, str]:
    """Return the names that are imported anywhere in the file, with their qualified names."""
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


def _qualified_name(node: ast.expr, names: dict[str, str]) -> str:
    """Return the qualified name of an imported object; "" for any other expression."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute) and (owner := _qualified_name(node.value, names)):
        return f"{owner}.{node.attr}"
    return ""


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
