"""Which files a folder stands for: its Python files, less the excluded ones."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from pathspec import GitIgnoreSpec

from export_lsp.protocol import TARGET_NAMES

_NAMES = re.compile(rf"\b({'|'.join(TARGET_NAMES)})\b", re.ASCII)


def python_files(root: Path, excluded: Callable[[Path], bool]) -> Iterator[Path]:
    """The Python files below `root` in a stable order, not looking into what is excluded."""
    for directory, folders, files in os.walk(root):
        here = Path(directory)
        folders[:] = sorted(name for name in folders if not excluded(here / name))
        for name in sorted(files):
            if name.endswith(".py") and not excluded(here / name):
                yield here / name


def exclusion(patterns: Iterable[str], folder: Path, root: Path) -> Callable[[Path], bool]:
    """Whether a path below `root` is excluded by patterns as in .gitignore.

    The patterns are relative to `folder`, but to `root` where that is itself excluded or lies
    elsewhere: whoever names a hidden folder means it.
    """
    spec = GitIgnoreSpec.from_lines(patterns)

    def matches(path: Path, base: Path) -> bool:
        relative = path.relative_to(base).as_posix()
        return spec.match_file(f"{relative}/" if path.is_dir() else relative)

    inside = root != folder and root.is_relative_to(folder)
    base = folder if inside and not matches(root, folder) else root
    return lambda path: matches(path, base)


def may_declare_target(source: str) -> bool:
    """Whether a file's text has a name without which no convention declares a target."""
    return _NAMES.search(source) is not None
