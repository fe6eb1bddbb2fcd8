"""The setting `exclude`: files that are never checked."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pathspec


def excluded(file: Path, folder: Path, patterns: tuple[str, ...]) -> bool:
    """Return whether a pattern, as in .gitignore and relative to `folder`, matches a file.

    A file outside the folder is never excluded: a user has asked for it by name.
    """
    try:
        relative = file.relative_to(folder)
    except ValueError:
        return False
    return _spec(patterns).match_file(relative.as_posix())


@functools.lru_cache(maxsize=16)
def _spec(patterns: tuple[str, ...]) -> pathspec.GitIgnoreSpec:
    # Loaded with the first file that is looked at: reading settings does not need it.
    import pathspec

    return pathspec.GitIgnoreSpec.from_lines(patterns)
