"""Finds the models and the exports of files that declare no target, so that nothing checks them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from export_lsp import regular_files
from export_lsp.export_calls import EXPORT_WORD, export_calls
from export_lsp.source import Source
from export_lsp.top_level import module_classes
from export_lsp.verdicts.files import NO_INPUTS, NO_TARGET, SCRIPT


@dataclass(frozen=True)
class Unchecked:
    """A model without example inputs, or a call that exports one.

    `name` is the class of the model, or the exporter as the call names it; `line` counts from 1.
    """

    file: Path
    line: int
    name: str
    is_export: bool


def unchecked_in(files: Iterable[Path]) -> Iterator[Unchecked]:
    """Yield the models and exports of files that declare no target, by file and line.

    Files that cannot be read or parsed are left out.  Of several models in a file, the last one
    counts, which tends to be made of the others.
    """
    for file in files:
        tree = _tree(file)
        if tree is None:
            continue
        found = [
            *(Unchecked(file, node.lineno, node.name, False) for node in module_classes(tree)[-1:]),
            *(
                Unchecked(file, call.lineno, ast.unparse(call.func), True)
                for call in export_calls(tree)
            ),
        ]
        yield from sorted(found, key=lambda each: each.line)


def reason_unchecked(found: Iterable[Unchecked]) -> str:
    """Return why a file with these is not checked, as a verdict says it."""
    kinds = {each.is_export for each in found}
    return SCRIPT if True in kinds else NO_INPUTS if kinds else NO_TARGET


def _tree(file: Path) -> ast.Module | None:
    """Return the syntax of a file that may define or export a model; None for any other."""
    try:
        data = regular_files.read(file)
        text = data.decode("latin-1")
        if "Module" not in text and "torch" not in text and not EXPORT_WORD.search(text):
            return None
        return Source.of(str(file), data).tree
    except (OSError, SyntaxError, UnicodeDecodeError):
        return None
