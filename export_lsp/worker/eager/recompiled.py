"""Run the user's functions with code that is compiled from a changed syntax tree of their text.

The positions in that code are those of the text, so that locations stay the same.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import gc
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FunctionType
from typing import Any

from export_lsp.source import Source

# File, name and first line of a function's code.
FunctionKey = tuple[str, str, int]
# Returns the changed tree of a source, given the source and a tree that it may change in place.
Change = Callable[[Source, ast.Module], ast.Module]


@contextlib.contextmanager
def recompiled_functions(
    sources: Iterable[Source],
    change: Change,
    name: str,
    callback: Callable[..., Any],
    *,
    lambdas: bool,
    functions: Iterable[FunctionType] | None = None,
) -> Iterator[None]:
    """Context manager in which every live function of the sources runs its recompiled code.

    Functions keep their own code if the recompiled one closes over other variables.

    Args:
        sources: The texts of the functions' files, as they were imported.
        change: Changes the syntax tree of a text.
        name: A name in ``builtins`` by which the changed code calls `callback`.
        callback: The function to call.
        lambdas: Whether lambdas are recompiled, too.  False if `change` adds lambdas, which cannot
            be told from the user's.
        functions: The functions to recompile; None for all that are alive.
    """
    recompiled: dict[FunctionKey, CodeType] = {}
    for source in sources:
        if source.tree is not None:
            tree = change(source, ast.parse(source.text))
            recompiled.update(_codes_in(compile(tree, source.path, "exec", dont_inherit=True)))
    originals = []
    setattr(builtins, name, callback)
    for function in _all_functions() if functions is None else functions:
        if lambdas or function.__name__ != "<lambda>":
            original = function.__code__
            new = recompiled.get(_key(original))
            if new is not None and new.co_freevars == original.co_freevars:
                function.__code__ = new
                originals.append((function, original))
    try:
        yield
    finally:
        for function, original in originals:
            function.__code__ = original
        delattr(builtins, name)


def _all_functions() -> Iterator[FunctionType]:
    return (each for each in gc.get_objects() if type(each) is FunctionType)


def _key(code: CodeType) -> FunctionKey:
    return code.co_filename, code.co_name, code.co_firstlineno


def _codes_in(code: CodeType) -> Iterator[tuple[FunctionKey, CodeType]]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield _key(constant), constant
            yield from _codes_in(constant)
