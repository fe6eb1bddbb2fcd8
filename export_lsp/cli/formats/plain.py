"""Text from files and models made safe to print: it must not command the terminal."""

from __future__ import annotations

import re

_TAB = "    "
# C0 and C1 controls but for tab and newline, and what reorders or hides the text around it.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def plain(text: str) -> str:
    """The text with tabs as spaces and control characters as visible escapes (``\\x1b``).

    Works character by character, so parts of a line may be cleaned apart and put together.
    """
    return _UNSAFE.sub(_escape, text.replace("\t", _TAB))


def one_line(text: str) -> str:
    """`plain` text with line breaks as single spaces."""
    return plain(" ".join(text.split("\n")))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
