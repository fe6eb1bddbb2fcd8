"""A target, whichever convention declares it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch.nn import Module

from export_lsp.protocol import Backend, Location, Mode


@dataclass(frozen=True)
class Places:
    """The places where the parts of a target are declared, for findings about them.

    Each is the expression of the part, or the whole declaration if the part has no expression of
    its own.
    """

    declaration: Location
    model: Location
    args: Location
    kwargs: Location
    dynamic_shapes: Location
    preserved: Location | None = None
    backends: Location | None = None


@dataclass(frozen=True)
class Target:
    """A model with example inputs: functions that make the arguments of ``torch.export.export``.

    `model` returns a module, `args` a tuple, `kwargs` a dict or None, `dynamic_shapes` what export
    takes, and `preserved` the names for ``preserve_module_call_signature``.  They run user code,
    may raise anything, and their results are not validated here.  `modes` limits the modes to
    check and `backends` has those to convert for; None leaves them to the settings.
    """

    name: str
    places: Places
    model: Callable[[], Any]
    args: Callable[[], Any]
    kwargs: Callable[[], Any]
    dynamic_shapes: Callable[[], Any]
    modes: tuple[Mode, ...] | None = None
    preserved: Callable[[], Any] = tuple
    backends: tuple[Backend, ...] | None = None


@dataclass(frozen=True)
class Built:
    """The arguments of ``torch.export.export``, as the functions of a target have made them."""

    model: Module
    args: Any
    kwargs: Any
    dynamic_shapes: Any
    preserved: Any = ()


def deferred(value: Any) -> Callable[[], Any]:
    """Return a function that makes a declared value: the value itself if it is a callable.

    A module is callable, but always a value.
    """
    if callable(value) and not isinstance(value, Module):
        return value
    return lambda: value


def nothing() -> None:
    """Make the value of a part that is not declared."""


def no_args() -> tuple[()]:
    """Make the example inputs of a model that takes none."""
    return ()
