"""The message about an interpreter that cannot check models."""

from __future__ import annotations

from export_lsp.protocol import Unusable


def unusable_message(unusable: Unusable) -> str:
    """Return the sentence for the user about an unusable interpreter, and what to do about it."""
    return f"{unusable.message.rstrip('.')} (--python, or the setting `interpreter`)."
