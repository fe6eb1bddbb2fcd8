"""The time and the memory that earlier checks took, by which a batch orders its checks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export_lsp.engine.recall.disk_cache import DiskCache

# The most files whose entries are kept for a folder, and the largest plausible number in an entry.
MOST = 20_000
_LARGEST = 1 << 50


@dataclass(frozen=True)
class Resources:
    """The resources that a check took: seconds, and bytes of memory at its peak."""

    seconds: float
    memory: int


class PastResources:
    """What the last checks took of a workspace folder's files, kept below `directory`.

    Nothing rests on them but the order of checks: an entry that is damaged or missing is unknown.
    """

    def __init__(self, directory: Path, folder: Path) -> None:
        self._disk = DiskCache(directory)
        self._key = f"resources:{folder}"
        self._new: dict[str, Resources] = {}
        self._known = self._read()

    def of(self, file: Path) -> Resources | None:
        """Return what the last check of a file took, None if it is unknown."""
        name = str(file)
        return self._new.get(name) or self._known.get(name)

    def note(self, file: Path, taken: Resources) -> None:
        """Note what a check of a file took."""
        self._new[str(file)] = taken

    def save(self) -> None:
        """Write what was noted, beside those that others have written meanwhile."""
        if not self._new:
            return
        entries = {**self._read(), **self._new}
        newest = list(entries.items())[-MOST:]
        data = {name: [round(taken.seconds, 3), taken.memory] for name, taken in newest}
        self._disk.set(self._key, json.dumps(data, separators=(",", ":")))

    def _read(self) -> dict[str, Resources]:
        try:
            data = json.loads(self._disk.get(self._key) or "{}")
        except (ValueError, RecursionError):
            return {}
        return dict(_entries(data)) if isinstance(data, Mapping) else {}


def _entries(data: Mapping[str, Any]) -> list[tuple[str, Resources]]:
    found = []
    for name, entry in data.items():
        match entry:
            case [int() | float() as seconds, int() as memory] if (
                0 <= seconds < _LARGEST and 0 <= memory < _LARGEST
            ):
                found.append((name, Resources(float(seconds), memory)))
    return found
