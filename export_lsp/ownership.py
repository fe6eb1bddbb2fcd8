"""The owners of files: code and settings of another user are not this user's to run."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = 0


def owner(path: str | os.PathLike[str]) -> int | None:
    """Return the number of the user who owns a file or folder, None if there is none.

    Links are followed.  Windows has no such numbers: there all files have the same owner.
    """
    try:
        return os.stat(path).st_uid
    except (OSError, ValueError):
        return None


def this_user() -> int:
    """Return the number of the user who runs this process, as `owner` returns it."""
    return os.geteuid() if hasattr(os, "geteuid") else 0


def is_of_its_folder(file: Path) -> bool:
    """Return whether a file or folder belongs to this user, its folder's owner or the system.

    In a folder that all may write to, such as that for temporary files, it may be anyone's.  Of a
    link, both ends count.
    """
    allowed = {this_user(), owner(file.parent), ROOT}
    try:
        return {os.lstat(file).st_uid, owner(file)} <= allowed
    except OSError:
        return False
