"""Exchange the bodies of functions in a process that has imported their files and built a model.

This is sound for functions that have not been executed so far, and whose code nobody has looked
at: what was made is then the same as with the new text.  Others may have moved in the file, which
only the places in their code tell.
"""

from __future__ import annotations

import contextlib
import gc
import inspect
import linecache
import os
import sys
import threading
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import (
    AsyncGeneratorType,
    CodeType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
)
from typing import Any

from export_lsp.worker.check.snapshot.body_diff import BodyDiff, NotResumableError
from export_lsp.worker.user_code.workspace import Workspace

_CODE = {GeneratorType: "gi_code", CoroutineType: "cr_code", AsyncGeneratorType: "ag_code"}

# What reads the user's files to import them.
_IMPORTING = Workspace.data.__code__

# How far up the callers are asked who opens a file.
_CALLERS = 12


@dataclass
class ExecutionRecord:
    """What was executed, whose code was looked at, and which of the user's Python files were read
    other than to import them; `complete` if nothing has escaped notice."""

    executed: dict[int, CodeType] = field(default_factory=dict)
    looked_at: dict[int, CodeType] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    complete: bool = False


@contextlib.contextmanager
def watch_execution(workspace: Workspace) -> Iterator[ExecutionRecord]:
    """Within, all that is executed is noted."""
    execution = ExecutionRecord()
    functions: list[FunctionType] = []
    listening = True  # an audit hook stays for good

    def entered(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            execution.executed[id(frame.f_code)] = frame.f_code

    def audited(event: str, arguments: tuple[Any, ...]) -> None:
        if not listening:
            return
        if event == "object.__getattr__":
            owner, name = arguments
            if name == "__code__" and isinstance(owner, FunctionType) and _looks_inside():
                functions.append(owner)
        elif event == "open" and isinstance(arguments[0], str):
            path = os.path.abspath(arguments[0])
            if _is_reading(path, workspace):
                execution.read.add(path)

    sys.addaudithook(audited)
    threading.setprofile(entered)
    sys.setprofile(entered)
    try:
        yield execution
    finally:
        execution.complete = sys.getprofile() is entered
        sys.setprofile(None)
        threading.setprofile(None)
        listening = False
        for function in functions:
            execution.looked_at[id(function.__code__)] = function.__code__


def _looks_inside() -> bool:
    """Whether code looks at a function's code for more than its signature and its kind, which an
    exchange does not change: those `inspect` asks for."""
    return sys._getframe(2).f_code.co_filename != inspect.__file__


def _is_reading(path: str, workspace: Workspace) -> bool:
    """Whether code looks at the text of one of the user's Python files.

    An import reads it by way of the workspace, and a warning shows the line that it is about.
    """
    if not path.endswith(".py") or not workspace.contains(path):
        return False
    frame: FrameType | None = sys._getframe(2)
    for _ in range(_CALLERS):
        if frame is None:
            break
        if frame.f_code is _IMPORTING or frame.f_code.co_filename == warnings.__file__:
            return False
        frame = frame.f_back
    return True


def functions_with_code(codes: Iterable[CodeType]) -> list[FunctionType]:
    """The function objects there are of some modules' code.

    Raises:
        NotResumableError: a generator is under way, whose code cannot be exchanged.
    """
    known = {id(each) for code in codes for each in _with_nested(code)}
    functions = []
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType):
            if id(thing.__code__) in known:
                functions.append(thing)
        elif type(thing) in _CODE:
            code = _code_of(thing)
            if id(code) in known:
                raise NotResumableError(f"`{code.co_name}` is a generator under way")
    return functions


def _code_of(thing: Any) -> CodeType:
    code: CodeType = getattr(thing, _CODE[type(thing)])
    return code


def _with_nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for nested in _nested(code):
        yield from _with_nested(nested)


def _nested(code: CodeType) -> list[CodeType]:
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def code_replacements(
    old: CodeType, new: CodeType, bodies: BodyDiff, execution: ExecutionRecord
) -> Iterator[tuple[CodeType, CodeType]]:
    """The code of the functions in a module's code that has to be exchanged, and what by.

    Raises:
        NotResumableError: that would not be sound.
    """
    if (old.co_name, old.co_flags, old.co_freevars) != (new.co_name, new.co_flags, new.co_freevars):
        raise NotResumableError(
            f"`{old.co_name}` is another kind of function, or closes over others"
        )
    changed = (old.co_name, old.co_firstlineno) in bodies.changed
    if changed and any(id(code) in execution.executed for code in _with_nested(old)):
        raise NotResumableError(f"`{old.co_name}` was executed while the model was made")
    if old != new:
        if id(old) in execution.looked_at:
            raise NotResumableError(f"the code of `{old.co_name}` was looked at")
        yield old, new
    if changed:
        return
    if len(_nested(old)) != len(_nested(new)):
        raise NotResumableError(f"`{old.co_name}` has other functions in it")
    for one, other in zip(_nested(old), _nested(new), strict=True):
        yield from code_replacements(one, other, bodies, execution)


def replace_code(
    functions: Iterable[FunctionType], pairs: Iterable[tuple[CodeType, CodeType]]
) -> None:
    """Give the functions their new code."""
    now = {id(old): new for old, new in pairs}
    for function in functions:
        new = now.get(id(function.__code__))
        if new is not None:
            function.__code__ = new


def drop_cached_lines(path: str) -> None:
    """Let Python read the text of a file anew where it next shows a line of it."""
    linecache.cache.pop(path, None)
