"""Writes ``dynamic_shapes`` where a file declares a target without any.

Each convention of declaring targets has its own place for them.  A convention without one, and a
declaration that is no literal, are left alone.
"""

from __future__ import annotations

import ast

from export_lsp.export_calls import by_target_name, export_calls
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.last_item import appended_item
from export_lsp.fixes.placement.text_layout import layout_of
from export_lsp.fixes.torch_name import with_torch
from export_lsp.protocol import Location
from export_lsp.source import Source
from export_lsp.top_level import statements

NAME, MODEL = "dynamic_shapes", "model"
# Names at the top level of a file, see `worker.targets.conventions.exportdb`.
INPUTS = ("example_args", "example_kwargs")
# Methods of ExecuTorch's models, see `worker.targets.conventions.executorch`.
EXAMPLES, SHAPES = "get_example_inputs", "get_dynamic_shapes"


def declare_shapes(
    source: Source, target: str, declaration: Location, text: str
) -> tuple[Edit, ...] | None:
    """Return the edits that declare dynamic shapes of a target.

    None if the declaration has some already, or no place for them.

    Args:
        source: The file that declares the target.
        target: The target's name.
        declaration: Where it is declared.
        text: The shapes, as an expression that may name `torch`.
    """
    written = with_torch(source, declaration, text)
    if written is None:
        return None
    code, torch_import = written
    for place in (_in_entry, _in_class, _in_call, _at_top_level):
        edits = place(source, target, declaration, code)
        if edits:
            return (*torch_import, *edits)
    return None


def _in_entry(source: Source, target: str, declaration: Location, text: str) -> tuple[Edit, ...]:
    """An item of the dict that is an entry of ``export_targets``."""
    entry = source.expression_at(declaration)
    keys = entry.keys if isinstance(entry, ast.Dict) else []
    names = [key.value for key in keys if isinstance(key, ast.Constant)]
    if entry is None or MODEL not in names or NAME in names:
        return ()
    return appended_item(source, entry, f'"{NAME}": {text}')


def _in_class(source: Source, target: str, declaration: Location, text: str) -> tuple[Edit, ...]:
    """A method beside that with the example inputs."""
    layout = layout_of(source)
    for node in statements(source.tree) if source.tree is not None else ():
        if layout is None or not isinstance(node, ast.ClassDef) or node.name != target:
            continue
        methods = {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}
        if EXAMPLES not in methods or SHAPES in methods:
            return ()
        examples = methods[EXAMPLES]
        indent = " " * examples.col_offset
        body = " " * max(examples.body[0].col_offset, examples.col_offset + 1)
        end = layout.row_end(source.location_of(examples).end.line)
        lines = ["", "", f"{indent}def {SHAPES}(self):", f"{body}return {text}"]
        return (Edit(Location(source.path, end, end), layout.line_end(end.line).join(lines)),)
    return ()


def _in_call(source: Source, target: str, declaration: Location, text: str) -> tuple[Edit, ...]:
    """An argument of the call that exports."""
    calls = by_target_name(export_calls(source.tree)) if source.tree is not None else {}
    call = calls.get(target)
    if call is None or not call.args or any(each.arg in (NAME, None) for each in call.keywords):
        return ()
    return appended_item(source, call, f"{NAME}={text}")


def _at_top_level(
    source: Source, target: str, declaration: Location, text: str
) -> tuple[Edit, ...]:
    """An assignment after those of the example inputs."""
    layout = layout_of(source)
    bound = {
        name.id: node
        for node in (source.tree.body if source.tree is not None else ())
        if isinstance(node, ast.Assign)
        for name in node.targets
        if isinstance(name, ast.Name)
    }
    inputs = [node for name, node in bound.items() if name in INPUTS]
    if layout is None or not inputs or NAME in bound or target != MODEL or MODEL not in bound:
        return ()
    last = max(inputs, key=lambda node: node.lineno)
    end = layout.row_end(source.location_of(last).end.line)
    new = f"{layout.line_end(end.line)}{NAME} = {text}"
    return (Edit(Location(source.path, end, end), new),)
