"""Attributes that pass values on inside a call of ``forward``: written first, then read.

They hold no state: the next call overwrites what this one has left there.  An attribute that is
written and not read is for somebody outside, and counts as state.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import torch

from export_lsp.worker.text.exception_text import USER_ERRORS

# "passed" is a write that a read has followed.
Access = Literal["read", "write", "passed"]

# A module by its id and the name of an attribute, or a dict by its id and a key.  The key `ANY`
# stands for all keys of a dict.
Slot = tuple[int, Any]
ANY = None


def scratch_slots(
    model: torch.nn.Module, slots: Iterable[Slot], call: Callable[[], object]
) -> set[Slot]:
    """Return the slots that a call of the model writes, and then reads.

    Args:
        model: Its modules, and the dicts in their attributes, may be in the slots.
        slots: The attributes and keys to watch.
        call: Calls the model.  If it raises, no slot is returned.
    """
    first: dict[Slot, Access] = {}
    names: dict[int, set[Any]] = {}
    for owner, name in slots:
        names.setdefault(owner, set()).add(name)
    try:
        with _watched(model, names, first):
            call()
    except USER_ERRORS:
        return set()
    state = {owner for (owner, _), access in first.items() if access != "passed"}
    passed = {slot for slot, access in first.items() if access == "passed"}
    return passed | {(owner, ANY) for owner, _ in passed if owner not in state}


@contextlib.contextmanager
def _watched(
    model: torch.nn.Module, names: dict[int, set[Any]], first: dict[Slot, Access]
) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for module in model.modules():
            for name, value in list(module.__dict__.items()):
                if type(value) is dict and id(value) in names:
                    module.__dict__[name] = _WatchedDict(value, id(value), names[id(value)], first)
                    stack.callback(module.__dict__.__setitem__, name, value)
            if id(module) in names:
                kind = type(module)
                module.__class__ = _watched_class(kind, id(module), names[id(module)], first)
                stack.callback(setattr, module, "__class__", kind)
        yield


def _watched_class(kind: Any, owner: int, names: set[Any], first: dict[Slot, Access]) -> type:
    """Return a subclass that notes the accesses to some attributes."""

    def read(self: Any, name: str) -> Any:
        if name in names:
            _note(first, (owner, name), "read")
        return kind.__getattribute__(self, name)

    def write(self: Any, name: str, value: Any) -> None:
        if name in names:
            _note(first, (owner, name), "write")
        kind.__setattr__(self, name, value)

    members = {"__getattribute__": read, "__setattr__": write, "__module__": kind.__module__}
    made: type = type(kind.__name__, (kind,), members)
    return made


def _note(accesses: dict[Slot, Access], slot: Slot, access: Access) -> None:
    """Note the first access to a slot, and the first read after it if that was a write."""
    known = accesses.setdefault(slot, access)
    if known == "write" and access == "read":
        accesses[slot] = "passed"


class _WatchedDict(dict[Any, Any]):
    """A copy of a dict that notes the accesses to some keys."""

    def __init__(
        self, contents: dict[Any, Any], owner: int, keys: set[Any], first: dict[Slot, Access]
    ) -> None:
        super().__init__(contents)
        self._owner = owner
        self._keys = keys
        self._first = first

    def _note(self, keys: Iterable[Any], access: Access) -> None:
        for key in keys:
            if key in self._keys or ANY in self._keys:
                _note(self._first, (self._owner, key), access)

    def __getitem__(self, key: Any) -> Any:
        self._note([key], "read")
        return super().__getitem__(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._note([key], "write")
        super().__setitem__(key, value)

    def __contains__(self, key: object) -> bool:
        self._note([key], "read")
        return super().__contains__(key)

    def __iter__(self) -> Iterator[Any]:
        self._note(list(self.keys()), "read")
        return super().__iter__()

    def get(self, key: Any, default: Any = None) -> Any:
        self._note([key], "read")
        return super().get(key, default)

    def pop(self, key: Any, *default: Any) -> Any:
        self._note([key], "read")
        return super().pop(key, *default)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        self._note([key], "read")
        return super().setdefault(key, default)

    def items(self) -> Any:
        self._note(list(self.keys()), "read")
        return super().items()

    def values(self) -> Any:
        self._note(list(self.keys()), "read")
        return super().values()

    def clear(self) -> None:
        self._note(list(self.keys()), "write")
        super().clear()
