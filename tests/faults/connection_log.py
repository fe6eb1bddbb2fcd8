"""A log of the internet connections that Python processes open.

`log_connections` changes an environment: every Python process started in it, ours and the user's,
installs an audit hook in `sitecustomize`.
"""

from __future__ import annotations

from pathlib import Path

HOOK = """\
import os, socket, sys

LOG = {log!r}
FAMILIES = (socket.AF_INET, socket.AF_INET6)


def audit(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        note(event, arguments[0])
    elif event in ("socket.connect", "socket.bind", "socket.sendto"):
        if arguments[0].family in FAMILIES:
            note(event, arguments[1])


def note(*fields):
    descriptor = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(descriptor, f"{{os.getpid()}} {{fields}}\\n".encode())
    os.close(descriptor)


sys.addaudithook(audit)
note("started", sys.argv[:1])
"""


def log_connections(environment: dict[str, str], folder: Path) -> Path:
    """Log the connections of all Python processes of an environment; return the log file."""
    log = folder / "connections.txt"
    hooks = folder / "hooks"
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(HOOK.format(log=str(log)))
    environment["PYTHONPATH"] = str(hooks)
    return log


def connections(log: Path) -> list[str]:
    """Return the logged connections; fail if no process has installed the hook."""
    lines = log.read_text().splitlines()
    assert any("'started'" in line for line in lines)
    return [line for line in lines if "'started'" not in line]
