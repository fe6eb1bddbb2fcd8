"""A declaration with placeholders, for a model whose inputs cannot be guessed."""

from __future__ import annotations

import ast

from export_lsp.fixes.class_syntax import CONSTRUCTOR, method
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.module_end import appended
from export_lsp.source import Source

HEAD = "# Example inputs for export-lsp: replace each `...` and remove the `# ` of these lines."


def skeleton_edit(source: Source, model: str) -> Edit | None:
    """Return the edit that adds a declaration of a class of a file to it, in comments.

    None if the file does not parse, or has no such class.
    """
    nodes = ast.walk(source.tree) if source.tree is not None else ()
    node = next((n for n in nodes if isinstance(n, ast.ClassDef) and n.name == model), None)
    if node is None:
        return None
    parts = placeholders(node)
    positional = _positional(node, "forward")
    names = f"  # {', '.join(positional)}" if positional else ""
    lines = [HEAD, f"# model = {parts['model']}", f"# example_args = {parts['args']}{names}"]
    if "kwargs" in parts:
        lines.append(f"# example_kwargs = {parts['kwargs']}")
    return appended(source, lines)


def placeholders(node: ast.ClassDef) -> dict[str, str]:
    """Return the expressions of a class's declaration, with ``...`` for what is not known.

    The keys are "model" and "args", and "kwargs" if `forward` needs any.
    """
    made_with = [*_positional(node, CONSTRUCTOR), *_keywords(node, CONSTRUCTOR)]
    positional, keywords = _positional(node, "forward"), _keywords(node, "forward")
    args = "...," if len(positional) == 1 else ", ".join("..." for _ in positional)
    found = {
        "model": f"{node.name}({', '.join(f'{name}=...' for name in made_with)})",
        "args": f"({args})",
    }
    if keywords:
        entries = ", ".join(f'"{name}": ...' for name in keywords)
        found["kwargs"] = f"{{{entries}}}"
    return found


def _positional(node: ast.ClassDef, name: str) -> list[str]:
    """Return the positional parameters of a method that have no default, without `self`."""
    function = method(node, name)
    if function is None:
        return []
    parameters = [*function.args.posonlyargs, *function.args.args]
    return [arg.arg for arg in parameters[1 : len(parameters) - len(function.args.defaults)]]


def _keywords(node: ast.ClassDef, name: str) -> list[str]:
    """Return the keyword-only parameters of a method that have no default."""
    function = method(node, name)
    if function is None:
        return []
    parameters = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    return [arg.arg for arg, default in parameters if default is None]
