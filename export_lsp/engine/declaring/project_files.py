"""Reads the code and the configuration files of a workspace folder."""

from __future__ import annotations

import contextlib
import importlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from export_lsp import regular_files
from export_lsp.engine.files.python_files import python_files
from export_lsp.fixes.usage.project import Project
from export_lsp.settings import excluded, toml
from export_lsp.source import Source

# Files that are read, the bytes of the largest, and the bytes of those that are parsed.
FILES = 1500
CONFIGURATIONS = 200
LARGEST = 300_000
PARSED = 4_000_000

_WORD = re.compile(rb"\w+")
_CLASS = re.compile(rb"^\s*class\s+(\w+)", re.MULTILINE)

_CONFIGURATION = ("*.json", "*.toml", "*.yaml", "*.yml")


def read_project(folder: Path, exclude: tuple[str, ...], also: Iterable[Path] = ()) -> Project:
    """Return the project of a workspace folder, as far as it can be read and parsed.

    Of a large one the files are parsed that name a class of the files in `also`, before others.

    Args:
        folder: The folder.
        exclude: Patterns of files to leave out.
        also: Files to read in any case.
    """
    found = python_files(folder, lambda path: excluded(path, folder, exclude))
    wanted = {file: data for file in also if (data := _data(file)) is not None}
    others = {
        file: data
        for file in islice(found, FILES)
        if file not in wanted and (data := _data(file)) is not None
    }
    names = {name for data in wanted.values() for name in _CLASS.findall(data)}
    users = sorted(others, key=lambda file: names.isdisjoint(_WORD.findall(others[file])))
    files = {**wanted, **{file: others[file] for file in users}}
    return Project.of(folder, _sources(files), dict(_configurations(folder)))


def _data(file: Path) -> bytes | None:
    """Return the bytes of a file; None if it cannot be read or is very large."""
    try:
        data = regular_files.read(file, LARGEST + 1)
    except OSError:
        return None
    return data if len(data) <= LARGEST else None


def _sources(files: Mapping[Path, bytes]) -> Iterator[Source]:
    """Yield the first of these files that can be parsed in little time."""
    left = PARSED
    for file, data in files.items():
        left -= len(data)
        if left < 0:
            return
        with contextlib.suppress(SyntaxError, UnicodeDecodeError):
            yield Source.of(str(file), data)


def _configurations(folder: Path) -> Iterator[tuple[str, Any]]:
    """Yield the contents of the configuration files at the top and one or two folders below."""
    patterns = [f"{depth}{each}" for depth in ("", "*/", "*/*/") for each in _CONFIGURATION]
    files = (file for pattern in patterns for file in sorted(folder.glob(pattern)))
    for file in islice(files, CONFIGURATIONS):
        try:
            yield str(file), _READERS[file.suffix](file)
        except (OSError, ValueError, RecursionError, toml.UnreadableError):
            continue


def _json(file: Path) -> Any:
    return json.loads(regular_files.read(file, LARGEST))


def _toml(file: Path) -> Any:
    return toml.read(file)[1]


def _yaml(file: Path) -> Any:
    """Return the content of a YAML file, if there is a PyYAML beside this package.

    Raises:
        ValueError: there is none, or the file is no YAML.
    """
    try:
        yaml = importlib.import_module("yaml")
    except ImportError as error:
        raise ValueError("PyYAML is not installed") from error
    try:
        return yaml.safe_load(regular_files.read(file, LARGEST))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


_READERS = {".json": _json, ".toml": _toml, ".yaml": _yaml, ".yml": _yaml}
