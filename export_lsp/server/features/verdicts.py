"""The request ``exportLsp/verdicts``: the verdicts on all files of the workspace.

The result has the `summary`, one sentence, and `folders`, each with its `uri`, its `name` and its
`files`.  A file has its `uri`, its `name` in the folder, `state`, `text`, `details` (a list of
`label` and `text`, which is plain but for code in backticks), `outdated`, `location` (a location of
LSP, null if there is none), and `targets`, each with its `name` and the same keys but `uri` and
`targets`.  The states are those of `export_lsp.verdicts.verdict.State`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from lsprotocol import types

from export_lsp import regular_files
from export_lsp.engine.files.python_files import python_files
from export_lsp.engine.selection import may_declare_target
from export_lsp.engine.unchecked import reason_unchecked, unchecked_in
from export_lsp.protocol import Location, Position
from export_lsp.safe_text import for_editor
from export_lsp.server.file_verdicts import FileVerdict
from export_lsp.server.folder import Folder, innermost
from export_lsp.server.view import View
from export_lsp.settings import Settings, excluded
from export_lsp.verdicts.files import NOT_OPENED, UNTRUSTED, not_checked
from export_lsp.verdicts.summary import summary
from export_lsp.verdicts.verdict import Verdict

# Files of a folder that are searched for models.
SEARCHED = 2000


async def verdicts(view: View, _: Any) -> dict[str, Any]:
    """Return the verdicts on all files; threads search the folders for files not opened yet."""
    found = {folder: await _files(view, folder) for folder in view.folders}
    return {
        "summary": for_editor(summary_of([each for files in found.values() for each in files])),
        "folders": [
            {
                "uri": folder.uri,
                "name": folder.path.name,
                "files": [file_json(view, each) for each in files],
            }
            for folder, files in found.items()
        ],
    }


def summary_of(files: Iterable[FileVerdict]) -> str:
    """Return the sentence about some files."""
    files = list(files)
    return summary(
        (target.verdict for file in files for target in file.targets),
        [file.verdict for file in files if not file.targets and "Checked in" not in _labels(file)],
    )


async def summary_sentence(view: View) -> str:
    """Return the sentence about the whole workspace."""
    return summary_of([each for folder in view.folders for each in await _files(view, folder)])


def _labels(file: FileVerdict) -> list[str]:
    return [each.label for each in file.verdict.details]


async def _files(view: View, folder: Folder) -> list[FileVerdict]:
    folders = {each.path for each in view.folders}
    known = {
        each.file: each
        for each in view.verdicts.known()
        if innermost(each.file, folders) == folder.path
    }
    others = await asyncio.to_thread(
        _search, folder.path, folders, folder.checker.settings, set(folder.checker.resolved.targets)
    )
    if not folder.trust.granted:
        others = {file: FileVerdict(file, not_checked(UNTRUSTED)) for file in others}
    return sorted([*({**others, **known}).values()], key=lambda each: each.file)


def declaring_files(folder: Folder, folders: Iterable[Path]) -> list[Path]:
    """Return the files of a folder that may declare a target; reads the disk."""
    found = []
    for file in _python_files(folder.path, folders, folder.checker.settings):
        text = _text(file)
        if file in folder.checker.resolved.targets or (text and may_declare_target(text)):
            found.append(file)
    return found


def _search(
    root: Path, folders: Iterable[Path], settings: Settings, declared: set[Path]
) -> dict[Path, FileVerdict]:
    """The files that have a model, an export or a declaration, as if none had been checked."""
    found = {}
    files = _python_files(root, folders, settings)[:SEARCHED]
    for file in files:
        text = _text(file)
        if file in declared or (text and may_declare_target(text)):
            found[file] = FileVerdict(file, not_checked(NOT_OPENED))
    others = unchecked_in(file for file in files if file not in found)
    for file, group in groupby(others, key=lambda each: each.file):
        unchecked = list(group)
        start = Position(unchecked[-1].line - 1, 0)
        place = Location(str(file), start, start)
        verdict = not_checked(reason_unchecked(unchecked))
        found[file] = FileVerdict(file, verdict, location=place)
    return found


def _python_files(root: Path, folders: Iterable[Path], settings: Settings) -> list[Path]:
    inner = {each for each in folders if each != root}
    return list(
        python_files(root, lambda path: path in inner or excluded(path, root, settings.exclude))
    )


def _text(file: Path) -> str:
    try:
        return regular_files.read(file).decode("latin-1")
    except OSError:
        return ""


# --- JSON ----------------------------------------------------------------------------------------


def file_json(view: View, file: FileVerdict) -> dict[str, Any]:
    """Return the verdict on a file as it is sent."""
    return {
        "uri": view.documents.uri_of(str(file.file)),
        "name": for_editor(view.name(str(file.file))),
        **_verdict_json(view, file.verdict, file.location),
        "targets": [
            {"name": for_editor(each.name), **_verdict_json(view, each.verdict, each.location)}
            for each in file.targets
        ],
    }


def _verdict_json(view: View, verdict: Verdict, location: Location | None) -> dict[str, Any]:
    return {
        "state": verdict.state,
        "text": for_editor(verdict.line),
        "outdated": verdict.outdated,
        "details": [
            {"label": for_editor(each.label), "text": for_editor(each.text)}
            for each in verdict.details
        ],
        "location": _location_json(view, location) if location is not None else None,
    }


def _location_json(view: View, location: Location) -> dict[str, Any]:
    found: types.Range = view.range(location)
    return {
        "uri": view.documents.uri_of(location.file),
        "range": {
            "start": {"line": found.start.line, "character": found.start.character},
            "end": {"line": found.end.line, "character": found.end.character},
        },
    }


def tooltip(verdict: Verdict) -> str:
    """Return the details as lines of text."""
    return "\n".join(f"{each.label}: {each.text}" for each in verdict.details)
