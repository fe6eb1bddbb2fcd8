"""One dimension or number that dynamic_shapes declares, in torch's names and in the user's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from export_lsp.protocol import Location


@dataclass(frozen=True)
class ShapeEntry:
    """An entry of dynamic_shapes: for one dimension of a tensor, or for one integer input.

    Attributes:
        source: torch's name of the size, "L['x'].size()[0]".
        flat_source: Dynamo's name of it, by the number of the input's leaf (seen in torch 2.13).
        nested_source: The name that non-strict mode gives it in torch 2.6.
        description: The size in the user's names, "dimension 1 of `x`".
        dim: The declared Dim, hint or number.
        size: The example's size; None if the example has no such dimension.
        location: The entry's own part of dynamic_shapes.
        input_location: The part of dynamic_shapes for the whole input.
        example_location: The example input.
        path: The path to the input, from forward's parameter on.
        axis: The dimension's number; None for an integer input.
        leaf: The number of the input among the leaves of ``(args, kwargs)``.
    """

    source: str
    flat_source: str
    nested_source: str
    description: str
    dim: Any
    size: int | None
    location: Location
    input_location: Location
    example_location: Location
    path: tuple[Any, ...] = ()
    axis: int | None = None
    leaf: int = 0

    @property
    def sources(self) -> tuple[str, ...]:
        """All names that torch may use for the size."""
        return self.source, self.flat_source, self.nested_source

    @property
    def name(self) -> str | None:
        """The Dim's name; None for a hint such as ``Dim.DYNAMIC``."""
        return getattr(self.dim, "__name__", None)

    @property
    def label(self) -> str:
        """The description followed by the Dim's name, for messages."""
        return f"{self.description} (`{self.name}`)" if self.name else self.description


def joint_label(entries: Sequence[ShapeEntry]) -> str:
    """Name several entries of one Dim at once: "dimension 2 of `q` and `k` (`width`)"."""
    if any(" of " not in entry.description for entry in entries):
        return " and ".join(entry.description for entry in entries)
    pairs = [entry.description.removeprefix("dimension ").split(" of ", 1) for entry in entries]
    inputs = list(dict.fromkeys(name for _, name in pairs))
    numbers = list(dict.fromkeys(number for number, _ in pairs))
    if len(numbers) == 1:
        text = f"dimension {numbers[0]} of {' and '.join(inputs)}"
    elif len(inputs) == 1:
        text = f"dimensions {' and '.join(numbers)} of {inputs[0]}"
    else:
        text = " and ".join(entry.description for entry in entries)
    name = entries[0].name
    return f"{text} (`{name}`)" if name else text
