"""What a target is, whatever convention declares it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from export_lsp.protocol import Location, Mode

if TYPE_CHECKING:
    from torch.nn import Module


@dataclass(frozen=True)
class Places:
    """Where a target's parts are written down, for findings about them.

    Each is the expression of the part, or the declaration where the part is not to be seen.
    """

    declaration: Location
    model: Location
    args: Location
    kwargs: Location
    dynamic_shapes: Location
    preserved: Location | None = None


@dataclass(frozen=True)
class Target:
    """A model with example inputs: everything ``torch.export.export`` asks for, made late.

    `args` gives a tuple, `kwargs` a dict or None, `dynamic_shapes` what export takes; what they
    give is not checked here.  `preserved` gives the names of the submodules whose call signatures
    the program has to keep (``preserve_module_call_signature``).  `modes` limits the modes to
    check, None for the setting's.
    """

    name: str
    places: Places
    model: Callable[[], Any]
    args: Callable[[], Any]
    kwargs: Callable[[], Any]
    dynamic_shapes: Callable[[], Any]
    modes: tuple[Mode, ...] | None = None
    preserved: Callable[[], Any] = tuple


@dataclass(frozen=True)
class Built:
    """What ``torch.export.export`` is called with."""

    model: Module
    args: Any
    kwargs: Any
    dynamic_shapes: Any
    preserved: Any = ()


def deferred(value: Any) -> Callable[[], Any]:
    """A declared value as a callable: what is already one (no module, though) makes the value."""
    import torch

    if callable(value) and not isinstance(value, torch.nn.Module):
        return value
    return lambda: value


def nothing() -> None:
    """The absent part of a declaration."""


def no_args() -> tuple[()]:
    return ()
