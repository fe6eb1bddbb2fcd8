"""The last location in the user's code that a run reached, when it is too late to ask Python.

A run writes its stack to a descriptor of the host's when it gets a fatal signal, or when it is
asked for its location because its time is over.  `faulthandler` does so in C, even while a loop in
C holds the interpreter.
"""

from __future__ import annotations

import faulthandler
import re
import signal
import sys

from export_lsp.protocol import Check, Reached
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places.call_sites import related_callers
from export_lsp.worker.places.ranges import expression_at
from export_lsp.worker.user_code.workspace import Workspace

# A frame as CPython 3.10 to 3.14 write it, innermost first, and the line before a stack.
_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)$')
_STACK = re.compile(r"^(?:Current thread|Thread|Stack).*\(most recent call first\):$")
_ESCAPE = re.compile(r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\U([0-9a-f]{8})")

# Makes a run write its stack, and then ends it as it ends any process.
REPORT_SIGNAL = signal.SIGTERM

# A frame: file, line (from 1) and function.
StackEntry = tuple[str, int, str]


def report_on_signal(descriptor: int) -> None:
    """Make this process write its stack to a descriptor on a fatal signal or `REPORT_SIGNAL`."""
    faulthandler.enable(descriptor, all_threads=False)
    if sys.platform != "win32":
        faulthandler.register(REPORT_SIGNAL, descriptor, all_threads=False, chain=True)


def stacks(text: str) -> list[list[StackEntry]]:
    """Parse the stacks that `faulthandler` wrote, each with its outermost frame first."""
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
    """Return where a run was in the user's files, from what `faulthandler` wrote.

    Args:
        text: What was written; may be cut off anywhere.
        check: The check of the run.

    Returns:
        The event for the server; None if no stack has a frame in the user's files.
    """
    workspace = Workspace(check.folder, texts=check.texts)
    for stack in stacks(text):
        frames = [
            Frame(expression_at(source, line), function)
            for file, line, function in stack
            if (source := workspace.source(file)) is not None
        ]
        if frames:
            location = frames[-1].location
            source = workspace.source(location.file)
            excerpt = source.excerpt(location) if source is not None else ""
            return Reached(check.run, location, excerpt, related_callers(frames))
    return None
