"""Text from files and models made safe to show: it must not command a terminal or an editor."""

from __future__ import annotations

import re

_TAB = "    "
# What reorders or hides the text around it, and what no encoding can hold.
_HIDING = "\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff"
# C0 and C1 controls but for tab and newline.
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"

_UNSAFE = re.compile(f"[{_CONTROLS}{_HIDING}]")
_UNSEEN = re.compile(f"[{_HIDING}]")
# ECMA-48 commands, such as colours, and what ends in them: a window's title, a link.
_COMMANDS = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|" f"[{_CONTROLS}]"
)


def plain(text: str) -> str:
    """For a terminal: tabs as spaces and control characters as visible escapes (``\\x1b``).

    Works character by character, so parts of a line may be cleaned apart and put together.
    """
    return _UNSAFE.sub(_escape, text.replace("\t", _TAB))


def one_line(text: str) -> str:
    """`plain` text with line breaks as single spaces."""
    return plain(" ".join(text.split("\n")))


def uncommanding(text: str) -> str:
    """For an editor: without colours and control characters, what hides text as visible escapes."""
    return _UNSEEN.sub(_escape, _COMMANDS.sub("", text))


def unlinked(text: str) -> str:
    """For formats in whose text ``[words](target)`` is a link: it is none."""
    return text.replace("](", "] (")


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
