"""`declaration`: declare example inputs for a model that has none.

Of the remedy, `location` is the name of the model's class.  Sizes that the file does not tell are
guessed, and a trial shows whether the model runs with them.  A file that does more at import than
define things is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.class_syntax import enclosing_class
from export_lsp.fixes.example_inputs.constructor import instance_of
from export_lsp.fixes.example_inputs.import_effects import only_defines
from export_lsp.fixes.example_inputs.inputs import Input, required_inputs
from export_lsp.fixes.example_inputs.model_classes import Instance, ModelFile
from export_lsp.fixes.placement.module_end import appended
from export_lsp.fixes.placement.text_layout import LINE_WIDTH
from export_lsp.fixes.torch_name import with_torch
from export_lsp.protocol import Remedy

GROUP = "the declaration"

# An input, and the expression chosen for it.
Chosen = tuple[Input, str]


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    """Yield declarations that differ in the guessed inputs."""
    source = sources[remedy.location.file]
    node = enclosing_class(source, remedy.location)
    if node is None or source.tree is None or not only_defines(source.tree):
        return
    file = ModelFile(source.tree)
    model = instance_of(node, file)
    inputs = required_inputs(model, file) if model is not None else None
    if model is None or not inputs:
        return
    for chosen in _choices(inputs):
        lines = _declaration(model, file, chosen)
        written = with_torch(source, remedy.location, "\n".join(lines))
        if written is None:
            continue
        code, imports = written
        edit = appended(source, code.split("\n"))
        if edit is not None:
            args = _positional(chosen)
            shown = f"({args[0]},)" if len(args) == 1 else f"({', '.join(args)})"
            title = f"Declare example inputs for `{node.name}`: `{shown}`"
            yield Candidate(title, (*imports, edit), group=GROUP, other_inputs=True)


def _choices(inputs: list[Input]) -> Iterator[list[Chosen]]:
    """Yield the likeliest expression of every input, then the next ones of those with more."""
    for turn in range(max(len(each.expressions) for each in inputs)):
        yield [(each, each.expressions[min(turn, len(each.expressions) - 1)]) for each in inputs]


def _declaration(model: Instance, file: ModelFile, chosen: Sequence[Chosen]) -> list[str]:
    """Return the lines that declare the model and its inputs."""
    args = _positional(chosen)
    kwargs = [f'"{each.name}": {text}' for each, text in chosen if each.by_keyword]
    lines = [] if file.names_model else [f"model = {model.text}"]
    lines += _assignment("example_args = (", [*args, ""] if len(args) == 1 else args, ")")
    lines += _assignment("example_kwargs = {", kwargs, "}") if kwargs else []
    return lines


def _positional(chosen: Sequence[Chosen]) -> list[str]:
    return [text for each, text in chosen if not each.by_keyword]


def _assignment(head: str, items: list[str], tail: str) -> list[str]:
    """Return an assignment of several items on one line, or on a line each if that is too wide."""
    line = f"{head}{', '.join(items).rstrip(' ')}{tail}"
    if len(line) <= LINE_WIDTH:
        return [line]
    return [head, *(f"    {item}," for item in items if item), tail]
