"""Paths through nested example inputs, and through dynamic_shapes, which mirrors them.

A path begins with the name of a parameter of ``forward``.  Each further step is a key, an index or
an `Attribute`: ``("batch", "images", 0)`` is ``batch["images"][0]``.
"""

from __future__ import annotations

from typing import Any

from torch.utils import _pytree as pytree

Path = tuple[Any, ...]


class Attribute(str):
    """A step to a field of a dataclass or named tuple, with the field's position."""

    position: int

    @classmethod
    def at(cls, name: str, position: int) -> Attribute:
        step = cls(name)
        step.position = position
        return step


def children(value: Any) -> list[tuple[Any, Any]]:
    """Return the (step, part) pairs of a container that pytree flattens; none for a leaf."""
    pairs, _ = pytree.tree_flatten_with_path(value, is_leaf=lambda part: part is not value)
    return [(_step(path[0], position), part) for position, (path, part) in enumerate(pairs) if path]


def _step(key: Any, position: int) -> Any:
    if isinstance(key, pytree.GetAttrKey):
        return Attribute.at(key.name, position)
    return getattr(key, "key", getattr(key, "idx", position))


def part_at(value: Any, path: Path) -> Any:
    """Follow a path into nested containers and return the part where it ends or breaks off."""
    for step in path:
        value = next((part for key, part in children(value) if key == step), value)
    return value


def as_suffix(path: Path) -> str:
    """Return the steps as Python writes them after a name: "['images'][0]", ".mask"."""
    return "".join(f".{step}" if isinstance(step, Attribute) else f"[{step!r}]" for step in path)
