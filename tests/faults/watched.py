"""A Python that writes down which internet connections it opens, and what it imports from a folder.

`watching` makes an environment for that: every Python process started in it, of ours and of the
user's interpreter, has the audit hook of `sitecustomize`.
"""

from __future__ import annotations

from pathlib import Path

HOOK = """\
import os, socket, sys

LOG = {log!r}
FAMILIES = (socket.AF_INET, socket.AF_INET6)


def heard(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        note(event, arguments[0])
    elif event in ("socket.connect", "socket.bind", "socket.sendto"):
        if arguments[0].family in FAMILIES:
            note(event, arguments[1])


def note(*what):
    descriptor = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(descriptor, f"{{os.getpid()}} {{what}}\\n".encode())
    os.close(descriptor)


sys.addaudithook(heard)
note("watched", sys.argv[:1])
"""


def watching(environment: dict[str, str], folder: Path) -> Path:
    """Have all Python processes of this environment watched; the file with what they do."""
    log = folder / "connections.txt"
    hooks = folder / "hooks"
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(HOOK.format(log=str(log)))
    environment["PYTHONPATH"] = str(hooks)
    return log


def connections(log: Path) -> list[str]:
    """What was noted, but for that there is somebody to note it."""
    lines = log.read_text().splitlines()
    assert any("'watched'" in line for line in lines)
    return [line for line in lines if "'watched'" not in line]
