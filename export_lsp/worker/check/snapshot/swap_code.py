"""Swap the bodies of functions in a process that has imported their files and built a model.

This is sound for functions that have not been executed and whose code nothing has inspected: the
model is then the one that the new text builds.  Other functions may only have moved in the file;
they get the code with the new line numbers.
"""

from __future__ import annotations

import gc
import linecache
from collections.abc import Iterable, Iterator
from types import (
    AsyncGeneratorType,
    CodeType,
    CoroutineType,
    FunctionType,
    GeneratorType,
)
from typing import Any

from export_lsp.worker.check.snapshot.body_diff import BodyDiff
from export_lsp.worker.check.snapshot.errors import NotResumableError
from export_lsp.worker.check.snapshot.execution_record import ExecutionRecord

_CODE = {GeneratorType: "gi_code", CoroutineType: "cr_code", AsyncGeneratorType: "ag_code"}


def functions_with_code(codes: Iterable[CodeType]) -> list[FunctionType]:
    """Return the live function objects whose code is part of the given modules' code.

    Raises:
        NotResumableError: if a generator or coroutine of that code is suspended; its code cannot
            be swapped.
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
                raise NotResumableError(f"`{code.co_name}` is a suspended generator")
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
    old: CodeType, new: CodeType, diff: BodyDiff, execution: ExecutionRecord
) -> Iterator[tuple[CodeType, CodeType]]:
    """Yield the pairs of old and new code of the functions that have to be swapped.

    Args:
        old: A module's code as it was executed.
        new: The code of the module's new text.
        diff: How the two texts differ.
        execution: What has been executed and inspected since the old text was imported.

    Raises:
        NotResumableError: if a swap would not be sound.
    """
    if (old.co_name, old.co_flags, old.co_freevars) != (new.co_name, new.co_flags, new.co_freevars):
        raise NotResumableError(f"`{old.co_name}` changes its kind or the variables it closes over")
    changed = (old.co_name, old.co_firstlineno) in diff.changed
    if changed and any(id(code) in execution.executed for code in _with_nested(old)):
        raise NotResumableError(f"`{old.co_name}` was executed while the model was built")
    if old != new:
        if id(old) in execution.inspected:
            raise NotResumableError(f"the code of `{old.co_name}` was inspected")
        yield old, new
    if changed:
        return
    if len(_nested(old)) != len(_nested(new)):
        raise NotResumableError(f"`{old.co_name}` contains other functions")
    for one, other in zip(_nested(old), _nested(new), strict=True):
        yield from code_replacements(one, other, diff, execution)


def replace_code(
    functions: Iterable[FunctionType], pairs: Iterable[tuple[CodeType, CodeType]]
) -> None:
    """Give each function whose code is the old one of a pair the new code."""
    replacements = {id(old): new for old, new in pairs}
    for function in functions:
        new = replacements.get(id(function.__code__))
        if new is not None:
            function.__code__ = new


def drop_cached_lines(path: str) -> None:
    """Make Python read a file's text again when it next quotes a line of it."""
    linecache.cache.pop(path, None)
