"""Which files the setting `exclude` keeps from being checked."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pathspec


def excluded(file: Path, folder: Path, patterns: tuple[str, ...]) -> bool:
    """Whether a pattern (as in .gitignore, relative to `folder`) matches `file`.

    A file outside the folder is excluded by none: someone asked for it by name.
    """
    try:
        relative = file.relative_to(folder)
    except ValueError:
        return False
    return _spec(patterns).match_file(relative.as_posix())


@functools.lru_cache(maxsize=16)
def _spec(patterns: tuple[str, ...]) -> pathspec.GitIgnoreSpec:
    import pathspec  # for the first file that is looked at, not for the settings

    return pathspec.GitIgnoreSpec.from_lines(patterns)
