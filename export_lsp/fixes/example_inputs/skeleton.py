"""A declaration with placeholders, for a model whose inputs cannot be guessed."""

from __future__ import annotations

import ast

from export_lsp.fixes.class_syntax import CONSTRUCTOR, method
from export_lsp.fixes.edits import apply
from export_lsp.fixes.placement.module_end import appended
from export_lsp.source import Source

HEAD = "# Example inputs for export-lsp: replace each `...` and remove the `# ` of these lines."


def with_skeleton(source: Source, model: str) -> str | None:
    """Return a file's text with a declaration of a class of it, in comments.

    None if the file does not parse, or has no such class.
    """
    nodes = ast.walk(source.tree) if source.tree is not None else ()
    node = next((n for n in nodes if isinstance(n, ast.ClassDef) and n.name == model), None)
    if node is None:
        return None
    made_with = [*_positional(node, CONSTRUCTOR), *_keywords(node, CONSTRUCTOR)]
    positional, keywords = _positional(node, "forward"), _keywords(node, "forward")
    args = "...," if len(positional) == 1 else ", ".join("..." for _ in positional)
    lines = [
        HEAD,
        f"# model = {model}({', '.join(f'{name}=...' for name in made_with)})",
        f"# example_args = ({args})" + (f"  # {', '.join(positional)}" if positional else ""),
    ]
    if keywords:
        given = ", ".join(f'"{name}": ...' for name in keywords)
        lines.append(f"# example_kwargs = {{{given}}}")
    edit = appended(source, lines)
    return apply(source, (edit,)) if edit is not None else None


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
