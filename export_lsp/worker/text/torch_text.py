"""torch's texts, without what speaks only to torch's own developers.

Addresses, files of the installation, Dynamo's names of inputs and its classes of variables, and
requests to report an issue.  Seen in torch 2.6 to 2.13.
"""

from __future__ import annotations

import re

from export_lsp.worker.text.exception_text import MAX_SENTENCE, truncate

SIZE = re.compile(r"L\['(\w+)'\]((?:\[[^\]]+\]|\.(?!size\b)\w+)*)\.size\(\)\[(\d+)\]")
AS_FLOAT = re.compile(r"torch\.sym_float\(([^()]*)\)")
SYMBOL = re.compile(r"\b(?:u|s|zf|zuf)\d+\b")
FIRST_SENTENCE = re.compile(r"(?<=[^.][.!?])\s+(?=[A-Z])")

REPLACED: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"<(?:class|module|(?:built-in )?function|built-in method|bound method)"
            r" '?([\w.<>]+?)'?(?: (?:at|of|from) .*?)?>+"
        ),
        r"`\1`",
    ),
    (re.compile(r"<([\w.]+) object at 0x[0-9a-f]+>"), r"`\1`"),
    (re.compile(r" at 0x[0-9a-f]+"), ""),
    (re.compile(r" (?:in file )?[(`'\"]*/\S*site-packages/[^\s`'\")]*[)`'\"]*"), ""),
    (re.compile(r"L\['flat_args'\]\[\d+\](?:\.size\(\)\[\d+\])?"), "an input"),
    (SIZE, r"\1\2.shape[\3]"),
    (re.compile(r"L\['self'\]\._modules\['_export_root'\]"), "self"),
    (re.compile(r"\._(?:buffers|parameters|modules)\['(\w+)'\]"), r".\1"),
    (re.compile(r"L\['(\w+)'\]"), r"\1"),
    (re.compile(r"\b\w+Variable\((?:\w+: )?([\w.']+)\)"), r"\1"),
    (re.compile(r"\b(?:User|Nested|Lazy)*([A-Z]\w*?)Variable\([^()]*\)"), r"a \1"),
    (re.compile(r"(`\w[\w.]*)\.`"), r"\1`"),
    (re.compile(r"``+"), "`"),
)

# Sentences that ask for a report or point to a page are of no use in one sentence.
REQUEST = re.compile(
    r"\b(?:bug report|file an issue|report an issue|open an issue|is a bug)\b|https?://", re.I
)


def readable(text: str) -> str:
    """A text in names that the user has seen."""
    for pattern, replacement in REPLACED:
        text = pattern.sub(replacement, text)
    return text


def in_user_names(text: str) -> str:
    """torch's names of sizes, "L['x'].size()[0]", as the user writes them: "x.shape[0]"."""
    return AS_FLOAT.sub(r"\1", readable(text))


def without_symbols(text: str) -> str:
    """A text in which no symbol is named, where nobody knows what it stands for."""
    return SYMBOL.sub("?", text)


def one_line(text: str) -> str:
    """The first line, with the one after it if it only introduces that; no requests to report."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    first = " ".join(lines[:2]) if lines[0].endswith(":") else lines[0]
    sentences = FIRST_SENTENCE.split(readable(first))
    kept = [sentence for sentence in sentences[1:] if not REQUEST.search(sentence)]
    return truncate(" ".join([sentences[0], *kept]), MAX_SENTENCE)


def first_sentence(text: str) -> str:
    """The first sentence of a text of several lines, with no stop at its end."""
    return truncate(
        FIRST_SENTENCE.split(readable(" ".join(text.split())))[0].rstrip(" .:"), MAX_SENTENCE
    )
