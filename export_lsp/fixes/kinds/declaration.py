"""`declaration`: example inputs for a model that has none, from all that its file says of it.

Of the remedy, `location` is the name of the model's class.  Sizes that the file does not say are
guessed, and a run in eager decides; so a file that does more at its import than define things is
left alone.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from export_lsp.fixes import class_syntax
from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.example_inputs.constructor import made
from export_lsp.fixes.example_inputs.import_effects import is_quiet
from export_lsp.fixes.example_inputs.inputs import Input, inputs
from export_lsp.fixes.example_inputs.modules import File
from export_lsp.fixes.placement.text_layout import WIDTH, layout_of
from export_lsp.fixes.torch_name import with_torch
from export_lsp.protocol import Location, Position, Remedy
from export_lsp.source import Source

GROUP = "the declaration"


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    source = sources[remedy.location.file]
    node = class_syntax.around(source, remedy.location)
    if node is None or source.tree is None or not is_quiet(source.tree):
        return
    file = File(source.tree)
    model = made(node, file)
    asked = inputs(model, file) if model is not None else None
    if model is None or not asked:
        return
    for chosen in _combined(asked):
        args = [text for each, text in chosen if not each.by_name]
        kwargs = [f'"{each.name}": {text}' for each, text in chosen if each.by_name]
        lines = [] if file.names_model else [f"model = {model.text}"]
        lines += _written("example_args = (", [*args, ""] if len(args) == 1 else args, ")")
        lines += _written("example_kwargs = {", kwargs, "}") if kwargs else []
        written = with_torch(source, remedy.location, "\n".join(lines))
        edit = _appended(source, written[0].split("\n")) if written is not None else None
        if written is not None and edit is not None:
            shown = f"({args[0]},)" if len(args) == 1 else f"({', '.join(args)})"
            title = f"Declare example inputs for `{node.name}`: `{shown}`"
            yield Candidate(title, (*written[1], edit), group=GROUP)


def _combined(asked: list[Input]) -> Iterator[list[tuple[Input, str]]]:
    """The likeliest text of all, then the next ones of those that are not sure."""
    for turn in itertools.count():
        if turn and all(turn >= len(each.texts) for each in asked):
            return
        yield [(each, each.texts[min(turn, len(each.texts) - 1)]) for each in asked]


def _written(head: str, items: list[str], tail: str) -> list[str]:
    line = f"{head}{', '.join(items).rstrip(' ')}{tail}"
    if len(line) <= WIDTH:
        return [line]
    return [head, *(f"    {item}," for item in items if item), tail]


def _appended(source: Source, lines: list[str]) -> Edit | None:
    """The lines at the end of the module, but before what only a script does."""
    layout = layout_of(source)
    body = source.tree.body if source.tree is not None else []
    if layout is None or not body:
        return None
    last = body[-1]
    newline = layout.newline(0)
    if isinstance(last, ast.If) and "__name__" in ast.unparse(last.test) and len(body) > 1:
        start = Position(source.location_of(last).start.line, 0)
        text = newline.join([*lines, "", "", ""])
        return Edit(Location(source.path, start, start), text)
    end = layout.end(source.location_of(last).end.line)
    text = newline.join(["", "", "", *lines])
    return Edit(Location(source.path, end, end), text)
