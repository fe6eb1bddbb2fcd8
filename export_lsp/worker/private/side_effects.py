"""Dynamo's ``SideEffects``: what ``forward`` writes to objects that outlive it, in strict mode.

Strict export drops these writes.

Seen in torch 2.13.  Without ``store_attr`` and ``mutation``, or ``mutation_type``, ``proxy`` and
``items`` of Dynamo's variables, state that strict mode drops is not reported.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

from torch._dynamo import side_effects
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
PATH_NAME = r"(?:\._modules\['(\w+)'\]|\.(?!_modules\b)(\w+))"
# Strict export wraps the model in a module of its own (torch 2.13).
ROOT = r"L\['self'\](?:\._modules\['_export_root'\])?"
SOURCE_PATH = re.compile(rf"{ROOT}(?P<path>(?:{PATH_NAME})*)")


@dataclass(frozen=True)
class ObjectWrite:
    """A write to an object that existed before ``forward``; the fields are Dynamo's variables.

    `name` is the attribute that is written and `value` its new value.  For a container, whose
    contents are about to change, `name` is None.
    """

    target: Any
    name: str | None = None
    value: Any = None

    @property
    def is_buffers(self) -> bool:
        """True if the object is a module's table of buffers."""
        return _source(self.target).endswith(BUFFERS)

    def real_target(self, model: Any) -> object:
        """Return the object itself: an attribute of the model, at whatever depth, or the model.

        An object that is reached in another way is not known; Dynamo's variable is returned then.
        """
        path = SOURCE_PATH.fullmatch(_source(self.target))
        if path is None:
            return self.target
        found = model
        for names in re.findall(PATH_NAME, path["path"]):
            name = "".join(names)
            children = getattr(found, "_modules", {})
            found = children[name] if name in children else getattr(found, name, None)
        return self.target if found is None else found

    def tensors(self) -> dict[int, Any]:
        """Return the tensors made in ``forward`` that the object holds now, by `id`."""
        held = self.value if self.name is not None else _items(self.target)
        return {id(variable): variable for variable in _tensors(held, 4) if _is_new(variable)}


@contextlib.contextmanager
def watch_writes(write: Callable[[ObjectWrite], None]) -> Iterator[None]:
    """Context manager in which `write` is called before every write to an object that existed."""
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
    """Return whether a tensor is computed from the model's inputs.

    Call it during the trace, while the graph exists.
    """
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
    """Return whether a node returns the tensor that it changes: ``+=``, ``add_``."""
    name = str(getattr(node.target, "__name__", node.target))
    if getattr(node.target, "__module__", "") == "_operator":
        return name in IN_PLACE
    return name.endswith("_") and not name.endswith("__")


def _source(variable: Any) -> str:
    source = getattr(variable, "source", None)
    name = getattr(source, "name", "")
    try:
        return str(name() if callable(name) else name)  # it is a property in some versions
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
    """Return what a container's variable holds; reading a constant's `items` would compute it."""
    return getattr(variable, "__dict__", {}).get("items")
