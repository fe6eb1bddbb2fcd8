"""Writes declarations into a model's file or into pyproject.toml."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from export_lsp.engine.declaring.models import Model
from export_lsp.fixes.edits import Edit, apply
from export_lsp.fixes.example_inputs.guess import Guess, assignments, table
from export_lsp.fixes.example_inputs.placed import missing_imports, placed
from export_lsp.fixes.example_inputs.skeleton import placeholders, skeleton_edit
from export_lsp.protocol import Check, DeclaredTarget, Location, Position

# Where a declaration is written.
Style = Literal["file", "pyproject"]

# The name of a model in a declaration at the top level of its file.
_NAME = "model"

_RUN_ARGS = "[tool.export-lsp.run-args]"


def trial_of(check: Check, model: Model, guess: Guess, style: Style) -> Check | None:
    """Return the check that tries a guess where it is to be written; None if it cannot be there.

    Args:
        check: The check of the model's file.
        model: The model.
        guess: The guess.
        style: Where it is to be written.
    """
    source = model.scope.source
    if style == "pyproject":
        # The expressions of a table are evaluated in the file's module.
        if missing_imports(source, guess.imports) != []:
            return None
        start = Position(model.line - 1, 0)
        target = DeclaredTarget(
            name=model.name,
            model=guess.model,
            args=guess.shown_args,
            kwargs=guess.shown_kwargs if guess.kwargs else None,
            dynamic_shapes=None,
            modes=None,
            location=Location(model.file, start, start),
        )
        return replace(check, texts={model.file: source.text}, targets=(target,))
    edits = declared_edits([(model, guess)])
    if edits is None:
        return None
    return replace(check, texts={model.file: apply(source, edits)}, targets=())


def file_edits(found: Sequence[tuple[Model, Guess | None]]) -> tuple[Edit, ...]:
    """Return the edits of a file that declare some of its models.

    A model without a guess gets placeholders, in comments; one that cannot be declared gets none.

    Args:
        found: The models of the file, with what they ran with.
    """
    ran = [(model, guess) for model, guess in found if guess is not None]
    edits = (declared_edits(ran) or ()) if ran else ()
    for model, guess in found:
        skeleton = skeleton_edit(model.scope.source, model.name) if guess is None else None
        edits += (skeleton,) if skeleton is not None else ()
    return edits


def declared_edits(found: Sequence[tuple[Model, Guess]]) -> tuple[Edit, ...] | None:
    """Return the edits that declare models of one file, at least one; None if it cannot be edited.

    A single model gets names at the top level, several ones a table.
    """
    [(first, guess), *_] = found
    module = first.scope.module
    if first.alone and _NAME not in (*module.bindings, *module.inner):
        lines = assignments(guess)
    else:
        lines = table({model.name: each for model, each in found})
    imports = dict.fromkeys(statement for _, each in found for statement in each.imports)
    source = first.scope.source
    assert isinstance(first.scope.node, ast.ClassDef)
    return placed(source, source.location_of(first.scope.node), lines, list(imports))


def tables_text(text: str, found: Sequence[tuple[Model, Guess | None]], folder: Path) -> str:
    """Return the text of a pyproject.toml with a table for each target.

    A model without a guess gets placeholders, in comments.

    Args:
        text: The text as it is, "" if there is no such file yet.
        found: The models, with what they ran with.
        folder: The folder of the file.
    """
    blocks = [_table(model, guess, folder) for model, guess in found]
    head = text.rstrip("\n")
    return "\n\n".join([*([head] if head else []), *blocks]) + "\n"


def with_arguments(text: str, file: str, arguments: Sequence[str]) -> str:
    """Return the text of a pyproject.toml with the arguments of a script among `run-args`.

    Args:
        text: The text as it is, "" if there is no such file yet.
        file: The script, relative to the folder of the file.
        arguments: Its arguments.
    """
    entry = f"{_quoted(file)} = [{', '.join(map(_quoted, arguments))}]"
    lines = text.split("\n")
    headers = [number for number, line in enumerate(lines) if line.strip() == _RUN_ARGS]
    if headers:
        lines.insert(headers[0] + 1, entry)
        return "\n".join(lines)
    head = text.rstrip("\n")
    return "\n".join([*([head, ""] if head else []), _RUN_ARGS, entry, ""])


def _table(model: Model, guess: Guess | None, folder: Path) -> str:
    assert isinstance(model.scope.node, ast.ClassDef)
    file = Path(model.file).relative_to(folder).as_posix()
    entries = {"file": file, "name": model.name}
    if guess is None:
        entries.update(placeholders(model.scope.node))
    else:
        entries |= {"model": guess.model, "args": guess.shown_args}
        entries |= {"kwargs": guess.shown_kwargs} if guess.kwargs else {}
    lines = ["[[tool.export-lsp.target]]", *_entries(entries)]
    if guess is not None:
        return "\n".join(lines)
    head = "Example inputs for export-lsp: replace each `...` and remove the `# ` of these lines."
    return "\n".join(f"# {line}" for line in [head, *lines])


def _entries(entries: Mapping[str, str]) -> list[str]:
    return [f"{key} = {_quoted(value)}" for key, value in entries.items()]


def _quoted(text: str) -> str:
    # The escapes of JSON are among those of TOML.
    return json.dumps(text, ensure_ascii=False)
