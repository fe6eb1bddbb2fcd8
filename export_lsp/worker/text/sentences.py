"""From what torch writes to what the user reads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# A longer expression makes the sentence unreadable; the range shows the whole.
LENGTH = 80


@dataclass(frozen=True)
class Sentence:
    """Our words for a text of torch's.

    `pattern` is searched in the failing expression, a line end and torch's text; `words` may name
    `{expression}` and the pattern's named groups.
    """

    pattern: re.Pattern[str]
    words: str


def sentence(pattern: str, words: str) -> Sentence:
    return Sentence(re.compile(pattern, re.S), words)


def first_match(table: Iterable[Sentence], expression: str, text: str) -> str | None:
    """The words of the first entry that fits; None if none does."""
    for entry in table:
        match = entry.pattern.search(f"{expression}\n{text}")
        if match is not None:
            return entry.words.format(expression=shortened(expression), **match.groupdict())
    return None


def shortened(expression: str) -> str:
    return expression if len(expression) <= LENGTH else expression[: LENGTH - 1] + "…"


def article(noun: str) -> str:
    """The article as the noun is spoken: "an `ndarray`"."""
    return "an" if noun.lower().startswith((*"aeiou", "nd")) else "a"
