"""Reads the code and the configuration files of a workspace folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from export_lsp import regular_files
from export_lsp.engine.files.python_files import python_files
from export_lsp.fixes.usage.project import Project
from export_lsp.settings import excluded, toml
from export_lsp.source import Source

# Files that are read, and the bytes of the largest.
FILES = 1500
CONFIGURATIONS = 200
LARGEST = 300_000

_CONFIGURATION = ("*.json", "*.toml")


def read_project(folder: Path, exclude: tuple[str, ...], also: Iterable[Path] = ()) -> Project:
    """Return the project of a workspace folder, as far as it can be read and parsed.

    Args:
        folder: The folder.
        exclude: Patterns of files to leave out.
        also: Files to read in any case.
    """
    found = python_files(folder, lambda path: excluded(path, folder, exclude))
    files = dict.fromkeys([*also, *islice(found, FILES)])
    return Project.of(folder, _sources(files), dict(_configurations(folder)))


def _sources(files: Iterable[Path]) -> Iterator[Source]:
    for file in files:
        try:
            data = regular_files.read(file, LARGEST + 1)
            if len(data) <= LARGEST:
                yield Source.of(str(file), data)
        except (OSError, SyntaxError, UnicodeDecodeError):
            continue


def _configurations(folder: Path) -> Iterator[tuple[str, Any]]:
    """Yield the contents of the configuration files at the top and one or two folders below."""
    patterns = [f"{depth}{each}" for depth in ("", "*/", "*/*/") for each in _CONFIGURATION]
    files = (file for pattern in patterns for file in sorted(folder.glob(pattern)))
    for file in islice(files, CONFIGURATIONS):
        try:
            if file.suffix == ".toml":
                yield str(file), toml.read(file)[1]
            else:
                yield str(file), json.loads(regular_files.read(file, LARGEST))
        except (OSError, ValueError, RecursionError, toml.UnreadableError):
            continue
