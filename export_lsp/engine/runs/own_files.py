"""The files that the findings of a check may be in."""

from __future__ import annotations

import functools
import os

from export_lsp.protocol import Check


def is_own_file(file: str, check: Check) -> bool:
    """Return whether a check may report something in a file.

    It is the file itself, one in its workspace folder, or one that declares its targets.  A run
    executes code that may send anything.
    """
    declared = (target.location.file for target in check.targets)
    return file == check.file or file in declared or _is_inside(file, check.folder)


@functools.lru_cache(maxsize=1024)
def _is_inside(file: str, folder: str) -> bool:
    if "\0" in file or not os.path.isabs(file):
        return False
    return any(
        os.path.normcase(resolved(file)).startswith(
            os.path.join(os.path.normcase(resolved(folder)), "")
        )
        for resolved in (os.path.normpath, os.path.realpath)
    )
