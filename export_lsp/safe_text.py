"""Text from files and models, made safe to show: it cannot control a terminal or an editor."""

from __future__ import annotations

import re

_TAB = "    "
# Characters that reorder or hide the text around them, and surrogates, which no encoding holds.
_HIDING = "\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff"
# C0 and C1 control characters except tab and newline.
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"

_UNSAFE = re.compile(f"[{_CONTROLS}{_HIDING}]")
_UNSEEN = re.compile(f"[{_HIDING}]")
# ECMA-48 control sequences, such as colours, and control strings: a window's title, a link.
_COMMANDS = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|" f"[{_CONTROLS}]"
)


def for_terminal(text: str) -> str:
    r"""Return a text with tabs as spaces and control characters as visible escapes (``\x1b``).

    It works character by character, so the parts of a line may be passed one by one.
    """
    return _UNSAFE.sub(_escape, text.replace("\t", _TAB))


def one_line(text: str) -> str:
    """Return a text `for_terminal`, with line breaks as single spaces."""
    return for_terminal(" ".join(text.split("\n")))


def for_editor(text: str) -> str:
    """Return a text without control characters and sequences, hiding characters as escapes."""
    return _UNSEEN.sub(_escape, _COMMANDS.sub("", text))


def without_links(text: str) -> str:
    """Return a text for a format that takes ``[words](target)`` for a link, without links."""
    return text.replace("](", "] (")


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
