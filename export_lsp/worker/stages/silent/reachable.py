"""Where tensors can stay when ``forward`` is over.

Attributes of the model, globals, class attributes, closures, default arguments and caches of the
user's own modules, and the containers in them.
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

from export_lsp.worker.stages.silent.own_modules import own_modules
from export_lsp.worker.user_code.workspace import Workspace

# A longer container is a table, not something that a forward fills.
LONGEST = 4096
DEEPEST = 6

SEQUENCES = (list, tuple, set, deque)
# What a module keeps for itself, or is looked into on its own.
OWN_NAMES = ("_buffers", "_parameters", "_modules")
OPAQUE = (torch.nn.Module, torch.Tensor, type)

Kind = Literal["names", "module", "class", "lru_cache"]


@dataclass(frozen=True)
class Place:
    """A container or namespace that keeps its contents when ``forward`` is over."""

    owner: Any
    kind: Kind = "names"

    def contents(self) -> dict[Any, Any]:
        """The values by their names, keys or positions."""
        if self.kind == "lru_cache":
            return dict(enumerate(_cached(self.owner)))
        if self.kind == "class":
            return dict(vars(self.owner))
        names = _names(self.owner)
        return dict(names) if names is not None else dict(enumerate(self.owner))

    def put_back(self, before: dict[Any, Any]) -> None:
        """Give it the contents it had."""
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


def places(model: torch.nn.Module, workspace: Workspace) -> Iterator[Place]:
    """Every place whose contents a forward of the user's may change."""
    seen: set[int] = set()
    for root in _roots(model, workspace):
        yield from _below(root, seen, DEEPEST)


def _roots(model: torch.nn.Module, workspace: Workspace) -> Iterator[Place]:
    classes: dict[type, None] = {}
    for module in model.modules():
        yield Place(module.__dict__, "module")
        classes.update(dict.fromkeys(type(module).__mro__))
    own = own_modules(workspace)
    for imported in own:
        yield Place(vars(imported), "module")
        for value in list(vars(imported).values()):
            if getattr(value, "__module__", None) != imported.__name__:
                continue
            if isinstance(value, type):
                classes.setdefault(value)
            else:
                yield from _of_function(value)
    for kind in classes:
        if sys.modules.get(kind.__module__) in own:
            yield Place(kind, "class")
            for value in list(vars(kind).values()):
                yield from _of_function(getattr(value, "__func__", value))


def _of_function(function: Any) -> Iterator[Place]:
    if hasattr(function, "cache_clear") and hasattr(function, "__wrapped__"):
        yield Place(function, "lru_cache")
        function = function.__wrapped__
    if isinstance(function, types.FunctionType):
        yield from map(Place, function.__closure__ or ())
        yield Place(function.__defaults__ or ())
        yield Place(function.__kwdefaults__ or {})
        yield Place(function.__dict__)


def _below(place: Place, seen: set[int], depth: int) -> Iterator[Place]:
    """A place and those that are in it."""
    owner = place.owner
    if depth == 0 or id(owner) in seen:
        return
    if place.kind == "lru_cache":
        seen.add(id(owner))
        yield place
    elif isinstance(owner, (dict, *SEQUENCES)) and len(owner) > LONGEST:
        return
    elif place.kind == "class" or isinstance(owner, SEQUENCES) or _names(owner) is not None:
        seen.add(id(owner))
        yield place
        for key, value in place.contents().items():
            if place.kind == "names" or not (key.startswith("__") or key in OWN_NAMES):
                yield from _below(Place(value), seen, depth - 1)


def _names(owner: Any) -> dict[Any, Any] | None:
    """The names or keys and values of what has them; None for anything that is not looked into."""
    if isinstance(owner, dict):
        return owner
    if isinstance(owner, types.CellType):
        try:
            return {"cell_contents": owner.cell_contents}
        except ValueError:
            return {}
    if isinstance(owner, types.SimpleNamespace):
        return vars(owner)
    home = type(owner).__module__.partition(".")[0]
    if isinstance(owner, OPAQUE) or home in sys.stdlib_module_names or home in ("torch", "numpy"):
        return None
    names = getattr(owner, "__dict__", None)
    return names if isinstance(names, dict) else None


def tensors(value: Any, depth: int = DEEPEST) -> Iterator[Any]:
    """The tensors in a value, those inside of containers included."""
    if isinstance(value, torch.Tensor):
        yield value
    elif depth and isinstance(value, (dict, *SEQUENCES)) and len(value) <= LONGEST:
        inner: Iterable[Any] = value.values() if isinstance(value, dict) else value
        for item in list(inner):
            yield from tensors(item, depth - 1)


def _cached(function: Any) -> list[Any]:
    """The tensors that a ``functools.lru_cache`` holds, which has no name for them."""
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
