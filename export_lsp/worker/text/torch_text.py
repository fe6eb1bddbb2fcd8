"""torch's texts in the user's own names.

Memory addresses, files of the installation, internal names of functions, Dynamo's names of inputs,
its classes of variables, and requests to report an issue are removed or replaced.  The texts were
seen in torch 2.6 to 2.13.
"""

from __future__ import annotations

import re

from export_lsp.worker.text.exception_text import MAX_SENTENCE, truncate
from export_lsp.worker.text.public_names import public_names

SIZE = re.compile(r"L\['(\w+)'\]((?:\[[^\]]+\]|\.(?!size\b)\w+)*)\.size\(\)\[(\d+)\]")
AS_FLOAT = re.compile(r"torch\.sym_float\(([^()]*)\)")
SYMBOL = re.compile(r"\b(?:u|s|zf|zuf)\d+\b")
FIRST_SENTENCE = re.compile(r"(?<=[^.][.!?])\s+(?=\(?[A-Z])")
# Limits of integers and of memory, and how far from a power of two they are.
LARGE_NUMBER = re.compile(r"\b\d{16,}\b")
NEAR_POWER = {0: "", 1: " + 1", -1: " - 1"}

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
    # Dynamo's own name of a submodule's parameter or buffer; the place of Python code in a text.
    (re.compile(r"\bL__self__+\w*"), "a parameter or buffer of the model"),
    (re.compile(r" ?\(<(?:unknown|string)>(?:, line \d+)?\)"), ""),
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

# Marks of sentences that ask for a report or point to a page.
REQUEST = re.compile(
    r"\b(?:bug report|file an issue|report an (?:issue|enhancement)|open an issue|is a bug)\b"
    r"|error message be improved|https?://",
    re.I,
)


def readable(text: str) -> str:
    """Return a text with the names and values that are internal to torch replaced."""
    for pattern, replacement in REPLACED:
        text = pattern.sub(replacement, text)
    return public_names(LARGE_NUMBER.sub(_as_power, text))


def _as_power(match: re.Match[str]) -> str:
    """Return a large number as a power of two: 9223372036854775807 is "2**63 - 1"."""
    number = int(match[0])
    power = (number + 1).bit_length() - 1
    rest = NEAR_POWER.get(number - 2**power)
    return match[0] if rest is None else f"2**{power}{rest}"


def in_user_names(text: str) -> str:
    """Return `readable` text for an expression over sizes: "L['x'].size()[0]" is "x.shape[0]"."""
    return AS_FLOAT.sub(r"\1", readable(text))


def without_symbols(text: str) -> str:
    """Return a text with "?" for each symbol, such as `u0`, when their meaning is not known."""
    return SYMBOL.sub("?", text)


def one_line(text: str) -> str:
    """Return the first line of a text, made readable, without requests to report an issue.

    A first line that ends in a colon is followed by the second one.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    first = " ".join(lines[:2]) if lines[0].endswith(":") else lines[0]
    sentences = FIRST_SENTENCE.split(readable(first))
    kept = [sentence for sentence in sentences[1:] if not REQUEST.search(sentence)]
    return truncate(" ".join([sentences[0], *kept]), MAX_SENTENCE)


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, which may span lines, without its full stop."""
    return truncate(
        FIRST_SENTENCE.split(readable(" ".join(text.split())))[0].rstrip(" .:"), MAX_SENTENCE
    )
