"""The message of a check that found no target: what there is, and how to have it checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from export_lsp.cli.report import shown_path
from export_lsp.engine.unchecked import Unchecked, unchecked_in
from export_lsp.safe_text import one_line

# Lines of a list, and files that are searched for them.
SHOWN = 10
SEARCHED = 2000

NOTHING = "No target was checked."


def details(files: Iterable[Path], folder: Path) -> list[str]:
    """Return the lines that say what could have been checked.

    Args:
        files: The files that declare no target.
        folder: The folder that shown paths start from.
    """
    found = list(unchecked_in(islice(files, SEARCHED)))
    models = [each for each in found if not each.is_export]
    exports = [each for each in found if each.is_export]
    return list(_lines(models, exports, folder))


def _lines(
    models: Sequence[Unchecked], exports: Sequence[Unchecked], folder: Path
) -> Iterator[str]:
    if not models and not exports:
        yield "No file declares a target, defines a model or exports one."
    if models:
        yield "Models without example inputs (`export-lsp init` looks for some):"
        yield from _list(models, folder)
    if exports:
        script = one_line(shown_path(str(exports[0].file), folder))
        yield f"Exports in scripts (see `export-lsp check --run-main {script}`):"
        yield from _list(exports, folder)


def _list(found: Sequence[Unchecked], folder: Path) -> Iterator[str]:
    for each in found[:SHOWN]:
        yield f"  {one_line(shown_path(str(each.file), folder))}:{each.line} {each.name}"
    if len(found) > SHOWN:
        yield f"  and {len(found) - SHOWN} more"
