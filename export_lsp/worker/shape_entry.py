"""A dimension that dynamic_shapes speaks of, in torch's names and in the user's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from export_lsp.protocol import Location

SOURCE = re.compile(r"L\['(\w+)'\]((?:\[[^\]]+\])*)\.size\(\)\[(\d+)\]")


@dataclass(frozen=True)
class ShapeEntry:
    """One dimension that dynamic_shapes speaks of.

    `source` is torch's name of the size and `flat_source` the one that Dynamo has for it (seen in
    torch 2.13), `dimension` the user's ("dimension 1 of `x`"), `dim` what the spec says of it,
    `size` the example's, None where the example has no such dimension.  `location` is the
    dimension's own part of the spec, `input_location` the part for the whole input.
    """

    source: str
    flat_source: str
    dimension: str
    dim: Any
    size: int | None
    location: Location
    input_location: Location
    example: Location

    @property
    def name(self) -> str | None:
        """The Dim's name; None for hints such as ``Dim.DYNAMIC``."""
        return getattr(self.dim, "__name__", None)

    @property
    def called(self) -> str:
        """The dimension with its Dim's name, for messages."""
        return f"{self.dimension} (`{self.name}`)" if self.name else self.dimension


def in_user_names(text: str) -> str:
    """torch's names of sizes, "L['x'].size()[0]", as the user writes them: "x.shape[0]"."""
    return SOURCE.sub(r"\1\2.shape[\3]", text)
