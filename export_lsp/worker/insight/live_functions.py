"""The user's functions that a trace may call.

They are found through the user's modules and the classes of the model, since a search of all
objects takes a tenth of a second once a large library is imported.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType, MethodType, ModuleType
from typing import Any, cast

from torch.nn import Module

from export_lsp.worker.user_code.workspace import Workspace


def live_functions(model: Module, workspace: Workspace) -> list[FunctionType]:
    """Return the functions of the user's files that the modules there and a model refer to.

    Decorated functions are found through ``__wrapped__``, closures and partial objects; functions
    inside of others are made anew by each call.  No code of the user's is run.
    """
    found: list[FunctionType] = []
    seen: set[int] = set()
    pending: list[object] = [*_user_modules(workspace), *_parts_of(model)]
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        kind = type(value)
        if kind is FunctionType and _is_users(value, workspace):
            found.append(cast(FunctionType, value))
        follow = next((each for base, each in _FOLLOWED if issubclass(kind, base)), None)
        if follow is not None:
            pending.extend(follow(value, workspace))
    return found


def _user_modules(workspace: Workspace) -> Iterator[ModuleType]:
    return (module for module in list(sys.modules.values()) if _is_users_module(module, workspace))


def _is_users_module(module: object, workspace: Workspace) -> bool:
    if type(module) is not ModuleType:
        return False
    return vars(module).get("__file__") in workspace.sources


def _is_users(function: Any, workspace: Workspace) -> bool:
    return function.__code__.co_filename in workspace.sources


def _parts_of(model: Module) -> Iterator[object]:
    """Yield the classes of a model's modules, and their attributes, some of them functions."""
    for module in model.modules():
        yield type(module)
        yield from vars(module).values()


def _of_module(module: Any, workspace: Workspace) -> Iterable[object]:
    return vars(module).values() if _is_users_module(module, workspace) else ()


def _of_class(kind: Any, workspace: Workspace) -> Iterable[object]:
    """Return the contents of a class of the user's, and the bases of any class."""
    own = vars(kind).values()
    is_users = _is_users_module(sys.modules.get(kind.__module__), workspace) or any(
        type(each) is FunctionType and _is_users(each, workspace) for each in own
    )
    return [*(own if is_users else ()), *kind.__mro__[1:]]


def _of_function(function: Any, workspace: Workspace) -> Iterable[object]:
    yield vars(function).get("__wrapped__")
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):  # the variable has no value yet
            yield cell.cell_contents


# What may lead to a function, and how to follow it.
_FOLLOWED: tuple[tuple[type, Callable[[Any, Workspace], Iterable[object]]], ...] = (
    (FunctionType, _of_function),
    (ModuleType, _of_module),
    (type, _of_class),
    (staticmethod, lambda value, _: (value.__func__,)),
    (classmethod, lambda value, _: (value.__func__,)),
    (MethodType, lambda value, _: (value.__func__,)),
    (property, lambda value, _: (value.fget, value.fset)),
    (functools.partial, lambda value, _: (value.func,)),
    (type(functools.lru_cache(int)), lambda value, _: (value.__wrapped__,)),
)
