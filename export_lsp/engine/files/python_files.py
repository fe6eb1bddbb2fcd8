"""Finds the Python files of a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path


def python_files(
    root: Path,
    excluded: Callable[[Path], bool],
    on_error: Callable[[OSError], None] | None = None,
) -> Iterator[Path]:
    """Yield the Python files below `root` in a stable order; excluded folders are not entered.

    `on_error` is called for a folder that cannot be read.
    """
    for directory, folders, files in os.walk(root, onerror=on_error):
        here = Path(directory)
        folders[:] = sorted(name for name in folders if not excluded(here / name))
        for name in sorted(files):
            if name.endswith(".py") and not excluded(here / name):
                yield here / name
