"""Record the code that a process executes and inspects while it makes a snapshot.

A function may get a new body after the fact only if the old one has had no effect: it was not
executed, nothing looked at its code, and nothing read the text of its file.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType, FrameType, FunctionType
from typing import Any

from export_lsp.worker.user_code.workspace import Workspace

# Reads the text of the user's modules for their import.
_IMPORT_READS = Workspace.data.__code__

# How many callers are searched for the one on whose behalf a file is opened.
_CALLERS = 12


@dataclass
class ExecutionRecord:
    """The code that was executed and inspected, and the files that were read.

    `executed` has code that has run, `inspected` the code of functions whose ``__code__`` was
    read, both by `id`; the values keep the ids from being reused.  `read` has the paths of the
    user's Python files that were read other than for an import.  `complete` says that nothing has
    escaped the record.
    """

    executed: dict[int, CodeType] = field(default_factory=dict)
    inspected: dict[int, CodeType] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    complete: bool = False


@contextlib.contextmanager
def watch_execution(workspace: Workspace) -> Iterator[ExecutionRecord]:
    """Context manager that records execution in all threads; read the record after it has exited.

    Profilers of the user's code replace the one used here, which makes the record incomplete.
    """
    record = ExecutionRecord()
    functions: list[FunctionType] = []
    listening = True  # an audit hook cannot be removed

    def profile(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            record.executed[id(frame.f_code)] = frame.f_code

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if not listening:
            return
        if event == "object.__getattr__":
            owner, name = arguments
            if name == "__code__" and isinstance(owner, FunctionType) and _is_inspected():
                functions.append(owner)
        elif event == "open" and isinstance(arguments[0], str):
            path = os.path.abspath(arguments[0])
            if _is_read_by_code(path, workspace):
                record.read.add(path)

    sys.addaudithook(audit)
    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        yield record
    finally:
        record.complete = sys.getprofile() is profile
        sys.setprofile(None)
        threading.setprofile(None)
        listening = False
        for function in functions:
            record.inspected[id(function.__code__)] = function.__code__


def _is_inspected() -> bool:
    """Return whether code reads ``__code__`` for more than `inspect` asks of it.

    `inspect` asks for the signature and the kind of function, which a new body does not change.
    """
    return sys._getframe(2).f_code.co_filename != inspect.__file__


def _is_read_by_code(path: str, workspace: Workspace) -> bool:
    """Return whether code opens one of the user's Python files to look at its text.

    An import opens it through the workspace, and a warning to quote a line of it.
    """
    if not path.endswith(".py") or not workspace.contains(path):
        return False
    frame: FrameType | None = sys._getframe(2)
    for _ in range(_CALLERS):
        if frame is None:
            break
        if frame.f_code is _IMPORT_READS or frame.f_code.co_filename == warnings.__file__:
            return False
        frame = frame.f_back
    return True
