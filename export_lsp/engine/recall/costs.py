"""The time and the memory that earlier checks took, by which a batch orders its checks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export_lsp.engine.recall.disk_cache import DiskCache

# The most files whose costs are kept for a folder, and the largest plausible number in an entry.
MOST = 20_000
_LARGEST = 1 << 50


@dataclass(frozen=True)
class Cost:
    """The cost of a check: seconds, and bytes of memory at its peak."""

    seconds: float
    memory: int


class Costs:
    """The costs of the last checks of a workspace folder's files, kept below `directory`.

    Nothing rests on them but the order of checks: an entry that is damaged or missing is unknown.
    """

    def __init__(self, directory: Path, folder: Path) -> None:
        self._disk = DiskCache(directory)
        self._key = f"costs:{folder}"
        self._new: dict[str, Cost] = {}
        self._known = self._read()

    def of(self, file: Path) -> Cost | None:
        """Return the cost of the last check of a file, None if it is unknown."""
        name = str(file)
        return self._new.get(name) or self._known.get(name)

    def note(self, file: Path, cost: Cost) -> None:
        """Note the cost of a check."""
        self._new[str(file)] = cost

    def save(self) -> None:
        """Write the costs that were noted, beside those that others have written meanwhile."""
        if not self._new:
            return
        costs = {**self._read(), **self._new}
        newest = list(costs.items())[-MOST:]
        data = {name: [round(cost.seconds, 3), cost.memory] for name, cost in newest}
        self._disk.set(self._key, json.dumps(data, separators=(",", ":")))

    def _read(self) -> dict[str, Cost]:
        try:
            data = json.loads(self._disk.get(self._key) or "{}")
        except (ValueError, RecursionError):
            return {}
        return dict(_entries(data)) if isinstance(data, Mapping) else {}


def _entries(data: Mapping[str, Any]) -> list[tuple[str, Cost]]:
    found = []
    for name, entry in data.items():
        match entry:
            case [int() | float() as seconds, int() as memory] if (
                0 <= seconds < _LARGEST and 0 <= memory < _LARGEST
            ):
                found.append((name, Cost(float(seconds), memory)))
    return found
