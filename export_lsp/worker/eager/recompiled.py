"""The user's functions, run by other code than they were written with.

The other code is compiled from the user's own text, changed; its positions are those of the text.
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

Key = tuple[str, str, int]
Change = Callable[[Source, ast.Module], ast.Module]


@contextlib.contextmanager
def recompiled_functions(
    sources: Iterable[Source],
    change: Change,
    name: str,
    called: Callable[..., Any],
    *,
    lambdas: bool,
) -> Iterator[None]:
    """Within, every function of the user's that exists runs its changed twin.

    The changed text may call `called` by `name`.  `lambdas` says that it has no lambdas of its own,
    so that those in it are the user's.
    """
    twins: dict[Key, CodeType] = {}
    for source in sources:
        if source.tree is not None:
            tree = change(source, ast.parse(source.text))
            twins.update(_codes_within(compile(tree, source.path, "exec", dont_inherit=True)))
    changed = []
    setattr(builtins, name, called)
    for function in gc.get_objects():
        if type(function) is FunctionType and (lambdas or function.__name__ != "<lambda>"):
            code = function.__code__
            twin = twins.get(_key(code))
            if twin is not None and twin.co_freevars == code.co_freevars:
                function.__code__ = twin
                changed.append((function, code))
    try:
        yield
    finally:
        for function, code in changed:
            function.__code__ = code
        delattr(builtins, name)


def _key(code: CodeType) -> Key:
    return code.co_filename, code.co_name, code.co_firstlineno


def _codes_within(code: CodeType) -> Iterator[tuple[Key, CodeType]]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield _key(constant), constant
            yield from _codes_within(constant)
