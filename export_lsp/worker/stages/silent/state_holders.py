"""The places in which tensors can outlive a call of ``forward``.

These are attributes of the model, and the globals, class attributes, closures, default arguments
and caches of the user's modules, with the containers in all of them.
"""

from __future__ import annotations

import gc
import sys
import types
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch

from export_lsp.worker.stages.silent.user_modules import user_modules
from export_lsp.worker.user_code.workspace import Workspace

# Longer containers are tables, which no forward fills, and are not searched.
MAX_ITEMS = 4096
MAX_DEPTH = 6

SEQUENCES = (list, tuple, set, deque)
# Attributes of a module that belong to torch, or are searched as modules of their own.
SKIPPED_ATTRIBUTES = ("_buffers", "_parameters", "_modules")
OPAQUE = (torch.nn.Module, torch.Tensor, type)

Kind = Literal["names", "module", "class", "lru_cache"]


@dataclass(frozen=True)
class StateHolder:
    """A container or namespace that keeps its contents when ``forward`` has returned."""

    owner: Any
    kind: Kind = "names"

    def contents(self) -> dict[Any, Any]:
        """Return the values by their names, keys or positions."""
        if self.kind == "lru_cache":
            return dict(enumerate(_cached(self.owner)))
        if self.kind == "class":
            return dict(vars(self.owner))
        names = _names(self.owner)
        return dict(names) if names is not None else dict(enumerate(self.owner))

    def restore(self, before: dict[Any, Any]) -> None:
        """Restore the contents to those that `contents` returned earlier."""
        owner = self.owner
        if self.kind == "lru_cache":
            owner.cache_clear()
        elif isinstance(owner, dict):
            for key in [key for key in owner if key not in before]:
                del owner[key]
            owner.update(before)
        elif isinstance(owner, (list, deque, set)):
            owner.clear()
            (owner.update if isinstance(owner, set) else owner.extend)(before.values())
        elif not isinstance(owner, tuple):
            after = self.contents()
            for key in after.keys() - before.keys():
                delattr(owner, key)
            for key, value in before.items():
                if after.get(key) is not value:
                    setattr(owner, key, value)


def state_holders(model: torch.nn.Module, workspace: Workspace) -> Iterator[StateHolder]:
    """Yield every holder whose contents a call of the user's ``forward`` may change."""
    seen: set[int] = set()
    for root in _roots(model, workspace):
        yield from _with_nested(root, seen, MAX_DEPTH)


def _roots(model: torch.nn.Module, workspace: Workspace) -> Iterator[StateHolder]:
    classes: dict[type, None] = {}
    for module in model.modules():
        yield StateHolder(module.__dict__, "module")
        classes.update(dict.fromkeys(type(module).__mro__))
    imported = user_modules(workspace)
    for user_module in imported:
        yield StateHolder(vars(user_module), "module")
        for value in list(vars(user_module).values()):
            if getattr(value, "__module__", None) != user_module.__name__:
                continue
            if isinstance(value, type):
                classes.setdefault(value)
            else:
                yield from _of_function(value)
    for cls in classes:
        if sys.modules.get(cls.__module__) in imported:
            yield StateHolder(cls, "class")
            for value in list(vars(cls).values()):
                yield from _of_function(getattr(value, "__func__", value))


def _of_function(function: Any) -> Iterator[StateHolder]:
    if hasattr(function, "cache_clear") and hasattr(function, "__wrapped__"):
        yield StateHolder(function, "lru_cache")
        function = function.__wrapped__
    if isinstance(function, types.FunctionType):
        yield from map(StateHolder, function.__closure__ or ())
        yield StateHolder(function.__defaults__ or ())
        yield StateHolder(function.__kwdefaults__ or {})
        yield StateHolder(function.__dict__)


def _with_nested(holder: StateHolder, seen: set[int], depth: int) -> Iterator[StateHolder]:
    """Yield a holder and those inside it; nothing for values that hold no state."""
    owner = holder.owner
    if depth == 0 or id(owner) in seen:
        return
    if holder.kind == "lru_cache":
        seen.add(id(owner))
        yield holder
    elif isinstance(owner, (dict, *SEQUENCES)) and len(owner) > MAX_ITEMS:
        return
    elif holder.kind == "class" or isinstance(owner, SEQUENCES) or _names(owner) is not None:
        seen.add(id(owner))
        yield holder
        for key, value in holder.contents().items():
            if holder.kind == "names" or not (key.startswith("__") or key in SKIPPED_ATTRIBUTES):
                yield from _with_nested(StateHolder(value), seen, depth - 1)


def _names(owner: Any) -> dict[Any, Any] | None:
    """Return the keys or attributes of an object with their values; None if it is opaque."""
    if isinstance(owner, dict):
        return owner
    if isinstance(owner, types.CellType):
        try:
            return {"cell_contents": owner.cell_contents}
        except ValueError:
            return {}
    if isinstance(owner, types.SimpleNamespace):
        return vars(owner)
    package = type(owner).__module__.partition(".")[0]
    if (
        isinstance(owner, OPAQUE)
        or package in sys.stdlib_module_names
        or package in ("torch", "numpy")
    ):
        return None
    names = getattr(owner, "__dict__", None)
    return names if isinstance(names, dict) else None


def tensors(value: Any, depth: int = MAX_DEPTH) -> Iterator[Any]:
    """Yield the tensors in a value, including those in nested containers."""
    if isinstance(value, torch.Tensor):
        yield value
    elif depth and isinstance(value, (dict, *SEQUENCES)) and len(value) <= MAX_ITEMS:
        items: Iterable[Any] = value.values() if isinstance(value, dict) else value
        for item in list(items):
            yield from tensors(item, depth - 1)


def _cached(function: Any) -> list[Any]:
    """Return the tensors that a ``functools.lru_cache`` holds, which only `gc` can reach."""
    found: list[Any] = []
    pending = [(function, 0)]
    while pending:
        value, depth = pending.pop()
        for part in gc.get_referents(value):
            if isinstance(part, (torch.Tensor, *SEQUENCES)):
                found.extend(tensors(part))
            elif depth < 3 and (isinstance(part, dict) or "lru" in type(part).__name__):
                pending.append((part, depth + 1))
    return found
