"""The environment of worker processes: hosts look nothing up in the directory of the server.

An editor starts the server in some workspace folder, and a host serves several.  An empty or
relative entry of a search path would let a host run files of a folder that nobody trusts.  So hosts
start elsewhere and without such entries; a run looks them up in its own workspace folder, as
``python FILE`` does there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from export_lsp.protocol import Check

# The environment variables that hold search paths.
_SEARCH_PATHS = ("PATH", "PYTHONPATH")


def neutral_directory() -> Path:
    """Return a directory in which nothing of a user's lies."""
    return Path(os.path.abspath(os.sep))


def neutral_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the empty and relative entries of its search paths."""
    neutral = dict(environment)
    for name in _SEARCH_PATHS:
        entries = neutral.pop(name, "").split(os.pathsep)
        if absolute := [entry for entry in entries if os.path.isabs(entry)]:
            neutral[name] = os.pathsep.join(absolute)
    return neutral


def in_environment(check: Check, environment: Mapping[str, str]) -> Check:
    """Return a check whose run has all entries of the search paths of an environment."""
    neutral = neutral_environment(environment)
    changed = {
        name: environment[name]
        for name in _SEARCH_PATHS
        if name in environment and environment[name] != neutral.get(name)
    }
    python_path = changed.get("PYTHONPATH", "")
    relative = [
        os.path.normpath(os.path.join(check.folder, entry))
        for entry in (python_path.split(os.pathsep) if python_path else ())
        if not os.path.isabs(entry)
    ]
    return replace(
        check,
        extra_paths=(*check.extra_paths, *relative),
        environment={**changed, **check.environment},
    )
