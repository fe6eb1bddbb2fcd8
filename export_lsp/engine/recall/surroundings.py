"""The surroundings of a process besides files, on which all results depend.

The environment counts as a whole, as C code may read it unseen, except for the variables that
differ from one start of an editor to the next.  A run that reads one of these reports that.
"""

from __future__ import annotations

import hashlib
import locale
import os
import platform
import sys
from pathlib import Path

from export_lsp.engine.files.directories import effective_umask
from export_lsp.observed import States, is_session_variable, key

# The time zone, and the devices of NVIDIA and AMD with their drivers.
_LOCALTIME = "/etc/localtime"
_DEVICES = ("/dev/nvidia0", "/dev/kfd", "/dev/dri")
_DRIVER = Path("/proc/driver/nvidia/version")

_states = States()


def surroundings() -> dict[str, object]:
    """Return the parts of the surroundings as JSON data, the environment as a digest."""
    return {
        "environment": _environment(),
        "locale": locale.setlocale(locale.LC_ALL),
        "time zone": _states.now(key("content", _LOCALTIME)),
        "umask": effective_umask(),
        "limits": _limits(),
        "user": os.getuid() if sys.platform != "win32" else os.environ.get("USERNAME"),
        "machine": [*platform.uname()[:5], os.cpu_count()],
        "devices": [os.path.exists(path) for path in _DEVICES],
        "driver": _driver(),
    }


def _environment() -> str:
    kept = sorted(each for each in os.environ.items() if not is_session_variable(each[0]))
    return hashlib.sha256(repr(kept).encode("utf-8", "backslashreplace")).hexdigest()


def _limits() -> list[tuple[int, int]]:
    if sys.platform == "win32":
        return []
    import resource

    kinds = sorted(name for name in dir(resource) if name.startswith("RLIMIT_"))
    return [resource.getrlimit(getattr(resource, name)) for name in kinds]


def _driver() -> str:
    try:
        return _DRIVER.read_text()
    except OSError:
        return ""
