"""The versions of torch and Python that the corpus holds for, and what others find in it.

`tests/corpus/other-versions.txt` is a table of what torch itself does otherwise in other versions.
"""

from __future__ import annotations

import functools
import operator
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from export_lsp.protocol import MODES

TABLE = Path(__file__).parent / "corpus" / "other-versions.txt"

COMPARISONS: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
CONDITION = re.compile(r"(?P<name>torch|python)(?P<compared>[<>]=?)(?P<version>\d+\.\d+)")
CHANGE = re.compile(
    r"(?P<sign>[+-])(?P<line>\d+) (?P<rule>[a-z-]+)(?: \((?P<mode>strict|non-strict)\))?"
)


@dataclass(frozen=True)
class Versions:
    """The versions of an interpreter and of its torch, such as (2, 13) and (3, 11)."""

    torch: tuple[int, ...]
    python: tuple[int, ...]

    @property
    def has_columns(self) -> bool:
        """True if frames have columns; without them a failure is located by its line."""
        return self.python >= (3, 11)

    def meet(self, conditions: str) -> bool:
        """Return whether all conditions hold, such as ``torch<2.14 python>=3.11``.

        Raises:
            ValueError: a condition is misspelt.
        """
        for written in conditions.split():
            condition = CONDITION.fullmatch(written)
            if condition is None:
                raise ValueError(f"no condition on versions: {written}")
            installed = self.torch if condition["name"] == "torch" else self.python
            version = tuple(map(int, condition["version"].split(".")))
            if not COMPARISONS[condition["compared"]](installed, version):
                return False
        return True


# The versions that the corpus is written for; annotations mark differences in others.
CORPUS_VERSIONS = Versions((2, 13), (3, 11))


def installed() -> Versions:
    """Return the versions of the interpreter that runs this."""
    torch = tuple(map(int, metadata.version("torch").split(".")[:2]))
    return Versions(torch, sys.version_info[:2])


@dataclass(frozen=True)
class Change:
    """A failure that some versions do not have, or have besides those that the file states."""

    added: bool
    line: int
    rule: str
    modes: frozenset[str]


def changes_in(path: Path, versions: Versions) -> list[Change]:
    """Return what a table of the corpus changes for a file in some versions.

    Raises:
        ValueError: a line of the table is misspelt.
    """
    found = []
    for conditions, name, text in _table_lines():
        if TABLE.parent / name == path and versions.meet(conditions):
            changes = text.split(", ")
            matches = [CHANGE.fullmatch(change) for change in changes]
            for change, match in zip(changes, matches, strict=True):
                if match is None:
                    raise ValueError(f"no change in {name}: {change}")
                modes = frozenset({match["mode"]} if match["mode"] else MODES)
                found.append(
                    Change(match["sign"] == "+", int(match["line"]) - 1, match["rule"], modes)
                )
    return found


@functools.cache
def _table_lines() -> list[tuple[str, str, str]]:
    """Return the lines of the table with the conditions that they stand under."""
    found, conditions = [], ""
    for line in TABLE.read_text().splitlines():
        if line.startswith("    "):
            name, _, text = line.strip().partition(": ")
            found.append((conditions, name, text))
        elif line and not line.startswith("#"):
            conditions = line.partition(":")[0]
    return found
