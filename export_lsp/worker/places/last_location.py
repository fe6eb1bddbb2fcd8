"""The last line of the user's that a run reached, told when it is too late to ask Python.

A run that gets a fatal signal, or is asked because its time is over, writes its stack to a
descriptor of the host's.  `faulthandler` does that in C, also while a loop in C holds the
interpreter.
"""

from __future__ import annotations

import faulthandler
import re
import signal
import sys

from export_lsp.protocol import Check, Reached
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.user_code.workspace import Workspace

# As CPython 3.10 to 3.14 write a frame, innermost first, and what comes before a stack.
_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)$')
_STACK = re.compile(r"^(?:Current thread|Thread|Stack).*\(most recent call first\):$")
_ESCAPE = re.compile(r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\U([0-9a-f]{8})")

# Asks a run where it is, and ends it as it ends any other.
REPORT_SIGNAL = signal.SIGTERM

# A frame: file, line (from 1) and function.
StackEntry = tuple[str, int, str]


def report_on_signal(descriptor: int) -> None:
    """Write this process's stack there on a fatal signal, and when asked."""
    faulthandler.enable(descriptor, all_threads=False)
    if sys.platform != "win32":
        faulthandler.register(REPORT_SIGNAL, descriptor, all_threads=False, chain=True)


def stacks(text: str) -> list[list[StackEntry]]:
    """The stacks in what `faulthandler` wrote, each with its outermost frame first."""
    found: list[list[StackEntry]] = []
    for line in text.splitlines():
        if _STACK.match(line):
            found.append([])
        elif found and (frame := _FRAME.match(line)):
            file = _ESCAPE.sub(_character, frame["file"])
            found[-1].insert(0, (file, int(frame["line"]), frame["function"]))
    return found


def _character(escape: re.Match[str]) -> str:
    return chr(int(next(group for group in escape.groups() if group), 16))


def last_location(text: str, check: Check) -> Reached | None:
    """Where a run of this check was; None if that was nowhere in the user's files."""
    from export_lsp.worker.places import locate  # late: the host is up before torch is

    workspace = Workspace(check.folder, texts=check.texts)
    for stack in stacks(text):
        frames = [
            Frame(locate.expression_at(source, line), function)
            for file, line, function in stack
            if (source := workspace.source(file)) is not None
        ]
        if frames:
            place = frames[-1].location
            source = workspace.source(place.file)
            excerpt = source.excerpt(place) if source is not None else ""
            return Reached(check.run, place, excerpt, locate.callers(frames))
    return None
