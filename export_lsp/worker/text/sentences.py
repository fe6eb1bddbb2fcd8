"""Words for the user in place of torch's texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from export_lsp import titles
from export_lsp.protocol import Mode
from export_lsp.titles import shortened

# The end of a sentence; " ?" stands for a size that has no name.
END = re.compile(r"(?:[.!…]|\.\)|(?<! )\?)$")


@dataclass(frozen=True)
class Words:
    """The words of a finding.

    `label` says what is wrong, as a noun phrase of few words: it is followed by the code that it is
    about, "Branch on tensor data: `score.mean() > 0`", or by the user's call of a library, "Branch
    on tensor data inside `self.act(x)`".  `why` explains it and `advice` says what to do, both in
    whole sentences.  `code` is the code of the title, None for the code at the finding's location,
    "" for none; `joint` is the text before it.
    """

    label: str
    why: str = ""
    advice: str = ""
    code: str | None = None
    joint: str = ": "

    def parts(self, code: str, modes: tuple[Mode, ...] = ()) -> tuple[str, str]:
        """Return the title and the explanation of a finding of these modes, with a title's code."""
        code = code if self.code is None else self.code
        title = titles.title(self.label, code, titles.length_in(modes), self.joint)
        return title, titles.explanation(title, code, self.why, self.advice)


@dataclass(frozen=True)
class Row:
    """A row of a table: a text of torch's, and the words that replace it.

    `pattern` is searched in the failing expression and torch's text, joined by a line feed.
    The words are format strings for ``str.format`` with `expression` and the pattern's named
    groups.
    """

    pattern: re.Pattern[str]
    words: Words


def row(pattern: str, words: Words) -> Row:
    """Return a row for a table; in `pattern` a dot matches a line feed as well."""
    return Row(re.compile(pattern, re.S), words)


def first_match(table: Iterable[Row], expression: str, text: str) -> Words | None:
    """Return the formatted words of the first row whose pattern is found; None if none is."""
    for entry in table:
        match = entry.pattern.search(f"{expression}\n{text}")
        if match is not None:
            return formatted(entry.words, expression=expression, **match.groupdict())
    return None


def formatted(words: Words, **names: str | None) -> Words:
    """Return words with the fields of their texts filled in."""
    shown = {name: shortened(text or "") for name, text in names.items()}
    return replace(
        words,
        label=words.label.format(**shown),
        why=words.why.format(**shown),
        advice=words.advice.format(**shown),
    )


def sentence(text: str) -> str:
    """Return a text as a sentence, with a capital and a full stop; "" for an empty one."""
    text = text.strip()
    if not text:
        return ""
    return f"{text[0].upper()}{text[1:]}{'' if END.search(text) else '.'}"


def article(noun: str) -> str:
    """Return "a" or "an" as the noun is spoken: "an" for `ndarray`."""
    return "an" if noun.lower().startswith((*"aeiou", "nd")) else "a"
