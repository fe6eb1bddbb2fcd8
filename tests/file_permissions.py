"""Processes that file permissions apply to, although the tests may run as root."""

from __future__ import annotations

import os
import shutil

import pytest

# The capabilities with which root opens any file, as setpriv(1) names them.
_OPEN_ANY = ("dac_override", "dac_read_search")


def obeying_permissions() -> tuple[str, ...]:
    """Return the beginning of a command line that runs the rest as a user who has to obey."""
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root may open any file, and there is no setpriv")
    return setpriv, "--bounding-set", ",".join(f"-{name}" for name in _OPEN_ANY)
