"""The function `check`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from export_lsp.api.conversion import result_of
from export_lsp.api.results import CheckError, Result
from export_lsp.api.session import Request, report_of, shared_session
from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.job_selection import jobs_for


def check(
    path: str | os.PathLike[str],
    *,
    python: str | os.PathLike[str] | None = None,
    modes: Sequence[str] = (),
    timeout: float | None = None,
    fixes: bool = False,
) -> Result:
    """Check a model file, or all files of a folder that declare a target.

    The files are imported by worker processes, never by this one.  They stay until Python ends, so
    that a second check need not wait for torch to be imported.

    Args:
        path: The file or folder.
        python: The interpreter that has torch; by default the one that ``export-lsp check`` uses.
        modes: "non-strict", "strict" or both; by default those of the settings.
        timeout: The time that a target may take, in seconds; by default that of the settings.
        fixes: Look for fixes too, and try them, which takes a few times as long.

    Raises:
        CheckError: The path does not exist or is no Python file, a setting is wrong, or no
            interpreter with torch was found.
    """
    overrides = {
        "interpreter": os.fspath(python) if python is not None else None,
        "modes": list(modes) or None,
        "timeout": timeout,
    }
    try:
        selected = jobs_for([Path(path)], overrides)
    except CannotRun as error:
        raise CheckError("\n".join(error.messages)) from None
    if selected.mistakes:
        raise CheckError("\n".join(selected.mistakes))
    session = shared_session()
    results = [session.check(Request(job, fixes=fixes)) for job in selected.jobs]
    return result_of(report_of(results))
