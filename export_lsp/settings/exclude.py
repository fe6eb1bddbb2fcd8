"""The setting `exclude`: files that are never checked, by patterns as in .gitignore.

A pattern's time grows linearly with the length of a path, whatever it is: anyone may have written
it.  The regular expressions of `fnmatch` do not backtrack; those of libraries for .gitignore do.
"""

from __future__ import annotations

import fnmatch
import functools
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TRAILING_SPACES = re.compile(r"(?<![\\ ]) +$")
# A character class, an escaped character, or any other character.
_TOKEN = re.compile(r"\[[!^]?\]?[^\]]*\]|\\.|.", re.DOTALL)


@dataclass(frozen=True)
class Pattern:
    """One pattern.

    Attributes:
        names: The expression for each name of a path; None stands for any number of names.
        negated: True for a pattern that includes what earlier ones exclude.
        only_folders: True for a pattern that matches folders and not files.
    """

    names: tuple[re.Pattern[str] | None, ...]
    negated: bool
    only_folders: bool

    def matches(self, names: Sequence[str]) -> list[bool]:
        """Return for each folder on the way, and at last for the path, whether it matches."""
        states = self._with_skipped({0})
        found = []
        for name in names:
            following = set()
            for state in states:
                expression = self.names[state] if state < len(self.names) else _NEVER
                if expression is None:
                    following.add(state)
                elif expression.match(name):
                    following.add(state + 1)
            states = self._with_skipped(following)
            found.append(len(self.names) in states)
        return found

    def _with_skipped(self, states: set[int]) -> set[int]:
        """Add the states that are reached if a None stands for no name."""
        for state in sorted(states):
            while state < len(self.names) and self.names[state] is None:
                state += 1
                states.add(state)
        return states


_NEVER = re.compile(r"(?!)")
_ANY = re.compile(r"")


def excluded(path: Path, folder: Path, patterns: tuple[str, ...]) -> bool:
    """Return whether a pattern, relative to `folder`, matches a path or a folder that it is in.

    A file outside the folder is never excluded: a user has asked for it by name.
    """
    try:
        names = path.relative_to(folder).parts
    except ValueError:
        return False
    last = len(names) - 1
    decisions = [False] * len(names)
    for pattern in _parsed(patterns):
        for index, matches in enumerate(pattern.matches(names)):
            if matches and (not pattern.only_folders or index < last or os.path.isdir(path)):
                decisions[index] = not pattern.negated
    return any(decisions)


@functools.lru_cache(maxsize=16)
def _parsed(patterns: tuple[str, ...]) -> tuple[Pattern, ...]:
    return tuple(found for each in patterns if (found := parse(each)) is not None)


def parse(text: str) -> Pattern | None:
    """Return the pattern of a line of a .gitignore, None for a comment or an empty line.

    Raises:
        ValueError: it is not a pattern; the message is the rest of a sentence about it.
    """
    line = _TRAILING_SPACES.sub("", text)
    if line.startswith("#") or not line.strip("/ "):
        return None
    negated = line.startswith("!")
    line = line.removeprefix("!")
    only_folders = line.endswith("/")
    line = line.removesuffix("/")
    anchored = "/" in line
    names = line.removeprefix("/").split("/")
    expressions: list[re.Pattern[str] | None] = [] if anchored else [None]
    for name in names:
        if name != "**":
            expressions.append(_expression(name, text))
        elif not expressions or expressions[-1] is not None:
            expressions.append(None)
    if names[-1] == "**" and len(names) > 1:
        expressions.append(_ANY)  # all that is in a folder, without the folder
    return Pattern(tuple(expressions), negated, only_folders)


def _expression(name: str, pattern: str) -> re.Pattern[str]:
    """Return the expression for one name, in which ``*`` and ``?`` match anything but ``/``."""
    glob = []
    for token in _TOKEN.findall(name):
        if token in ("[", "\\"):
            raise ValueError(f'is not a pattern: "{pattern}" ends after "{token}"')
        if token.startswith("\\"):
            glob.append(f"[{token[1]}]" if token[1] in "*?[" else token[1])
        elif len(token) > 1:
            glob.append(f"[!{token[2:]}" if token[1] in "!^" else token)
        else:
            glob.append(token)
    return re.compile(fnmatch.translate("".join(glob)))
