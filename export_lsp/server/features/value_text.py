"""The values of a trace as text for the user."""

from __future__ import annotations

from export_lsp.protocol import Value


def calls_text(value: Value) -> str:
    """Return how often a place had a value, " ×3"; "" for once."""
    return f" ×{value.calls}" if value.calls > 1 else ""


def plain(value: Value) -> str:
    """Return all that is known about a value, in one line."""
    name = f"{value.name}: " if value.name else ""
    calls = f"  {value.calls} calls" if value.calls > 1 else ""
    return f"{name}{value.text}  {value.device}{calls}"


def markdown(value: Value) -> str:
    """Return all that is known about a value, as Markdown."""
    return f"```text\n{plain(value)}\n```\nAs of the last save."
