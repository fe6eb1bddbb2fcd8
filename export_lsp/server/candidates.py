"""Which saved files are worth a run of their own."""

from __future__ import annotations

import re

from export_lsp.protocol import TARGET_NAMES

# A file with modules but no target, which gets a hint, says "torch".
_WORDS = re.compile(rf"torch|\b({'|'.join(TARGET_NAMES)})\b")


def is_candidate(text: str) -> bool:
    """Whether a Python file's text lets it have targets, or modules that lack one."""
    return _WORDS.search(text) is not None
