"""The setting `exclude`: files that are never checked."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pathspec


def excluded(path: Path, folder: Path, patterns: tuple[str, ...]) -> bool:
    """Return whether a pattern, as in .gitignore and relative to `folder`, matches a path.

    A file outside the folder is never excluded: a user has asked for it by name.
    """
    try:
        relative = path.relative_to(folder).as_posix()
    except ValueError:
        return False
    return _spec(patterns).match_file(f"{relative}/" if path.is_dir() else relative)


@functools.lru_cache(maxsize=16)
def _spec(patterns: tuple[str, ...]) -> pathspec.GitIgnoreSpec:
    # Loaded with the first file that is looked at: reading settings does not need it.
    import pathspec

    return pathspec.GitIgnoreSpec.from_lines(patterns)
