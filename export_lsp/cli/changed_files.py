"""The files that have changed since a revision of Git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Set
from pathlib import Path

from export_lsp.cli.cannot_run import CannotRun

# Git runs nothing that the repository's configuration names.
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")


def changed_files(folder: Path, revision: str) -> Set[Path]:
    """Return the files of a repository that differ from a revision: deleted and new ones included.

    Args:
        folder: A folder in the repository.
        revision: A revision, as Git understands it.

    Raises:
        CannotRun: Git is not installed, the folder is in no repository, or there is no such
            revision.
    """
    top = Path(os.path.abspath(_git(folder, "rev-parse", "--show-toplevel").rstrip("\n")))
    commit = _git(
        folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}",
        otherwise=f"{revision} is no revision of the repository {top}.",
    ).strip()  # fmt: skip
    changed = _git(
        top, "diff", "--name-only", "--no-renames", "--no-ext-diff", "--ignore-submodules=none",
        "-z", commit, "--",
    )  # fmt: skip
    new = _git(top, "ls-files", "--others", "--exclude-standard", "-z")
    names = {name for name in (changed + new).split("\0") if name}
    # A path of ours is not resolved, and may lead to the repository over a link.
    shown = Path(os.path.abspath(folder))
    inner = Path(os.path.realpath(folder)).relative_to(os.path.realpath(top))
    root = shown.parents[len(inner.parts) - 1] if inner.parts else shown
    return {root / name for name in names}


def _git(folder: Path, *arguments: str, otherwise: str = "") -> str:
    """Return the output of a command of Git.

    Raises:
        CannotRun: It fails; the message is `otherwise`, or what Git says.
    """
    try:
        done = subprocess.run(
            [*_GIT, *arguments],
            cwd=folder,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
            encoding="utf-8",
            errors="surrogateescape",
        )
    except OSError as error:
        raise CannotRun(f"--changed-since needs Git: {error.strerror}.") from error
    if done.returncode != 0:
        said = done.stderr.strip().removeprefix("fatal: ") or "it failed"
        raise CannotRun(otherwise or f"--changed-since: Git says of {folder}: {said}.")
    return done.stdout
