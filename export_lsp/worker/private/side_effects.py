"""Dynamo's ``SideEffects``: what a strictly traced ``forward`` writes to objects that outlive it.

Strict export replays none of it.  Seen in torch 2.13; without ``store_attr`` and ``mutation``, or
what variables keep of themselves, nothing is said of state that strict mode drops.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from torch.fx import Node

EXISTING = ("AttributeMutationExisting", "ValueMutationExisting")
TENSOR = "TensorVariable"
# fmt: off
IN_PLACE = (
    "iadd", "iand", "ifloordiv", "ilshift", "imod", "imul", "imatmul", "ior", "ipow", "irshift",
    "isub", "itruediv", "ixor",
)
# fmt: on
MODEL = "L_self_"
BUFFERS = "._buffers"


@dataclass(frozen=True)
class ObjectWrite:
    """An object that was there before, the attribute that is written (None for a container's
    contents, which are about to change), and the value for an attribute."""

    target: Any
    name: str | None = None
    value: Any = None

    @property
    def is_buffers(self) -> bool:
        """Whether it is a module's table of buffers."""
        return _source(self.target).endswith(BUFFERS)

    def tensors(self) -> dict[int, Any]:
        """The new tensors that are in it now."""
        held = self.value if self.name is not None else _items(self.target)
        return {id(variable): variable for variable in _tensors(held, 4) if _is_new(variable)}


@contextlib.contextmanager
def watch_writes(write: Callable[[ObjectWrite], None]) -> Iterator[None]:
    """Within, `write` is called at every write of Dynamo's to an object that outlives forward."""
    from torch._dynamo import side_effects

    kind: Any = side_effects.SideEffects
    store, mutate = getattr(kind, "store_attr", None), getattr(kind, "mutation", None)
    if store is None or mutate is None:
        yield
        return

    @functools.wraps(store)
    def storing(self: Any, item: Any, name: str, value: Any, *args: Any, **kwargs: Any) -> Any:
        if _outlives(item):
            write(ObjectWrite(item, name, value))
        return store(self, item, name, value, *args, **kwargs)

    @functools.wraps(mutate)
    def mutating(self: Any, variable: Any, *args: Any, **kwargs: Any) -> Any:
        if _outlives(variable):
            write(ObjectWrite(variable))
        return mutate(self, variable, *args, **kwargs)

    with (
        mock.patch.object(kind, "store_attr", storing),
        mock.patch.object(kind, "mutation", mutating),
    ):
        yield


def depends(variable: Any) -> bool:
    """Whether a tensor is computed from the model's inputs; asked while the graph is there."""
    seen: set[Node] = set()
    pending: list[Node] = [node] if (node := _node(variable)) is not None else []
    while pending:
        current = pending.pop()
        if current.op == "placeholder" and MODEL not in str(current.target):
            return True
        if current not in seen:
            seen.add(current)
            pending.extend(current.all_input_nodes)
    return False


def _node(variable: Any) -> Node | None:
    node: Node | None = getattr(getattr(variable, "proxy", None), "node", None)
    return node


def _outlives(variable: Any) -> bool:
    return type(getattr(variable, "mutation_type", None)).__name__ in EXISTING


def _is_new(variable: Any) -> bool:
    node = _node(variable)
    if node is None or node.op == "get_attr" or getattr(variable, "source", None) is not None:
        return False
    return not _in_place(node)


def _in_place(node: Node) -> bool:
    """Whether a node gives back the tensor that it has changed: ``+=``, ``add_``."""
    name = str(getattr(node.target, "__name__", node.target))
    if getattr(node.target, "__module__", "") == "_operator":
        return name in IN_PLACE
    return name.endswith("_") and not name.endswith("__")


def _source(variable: Any) -> str:
    source = getattr(variable, "source", None)
    name = getattr(source, "name", "")
    try:
        return str(name() if callable(name) else name)  # a property in some versions
    except NotImplementedError:
        return ""


def _tensors(held: Any, depth: int) -> Iterator[Any]:
    if depth == 0 or held is None:
        return
    if type(held).__name__ == TENSOR:
        yield held
    elif isinstance(held, dict):
        for value in list(held.values()):
            yield from _tensors(value, depth - 1)
    elif isinstance(held, (list, tuple, set)):
        for value in list(held):
            yield from _tensors(value, depth - 1)
    else:
        yield from _tensors(_items(held), depth - 1)


def _items(variable: Any) -> Any:
    """What a container's variable holds; the attribute of a constant's class would be computed."""
    return getattr(variable, "__dict__", {}).get("items")
