"""What a file's text lets it be, before anything is parsed."""

from __future__ import annotations

import re

from export_lsp.protocol import TARGET_NAMES

_NAMES = re.compile(rf"\b({'|'.join(TARGET_NAMES)})\b", re.ASCII)


def may_declare_target(text: str) -> bool:
    """Whether a file's text has a name without which no convention declares a target."""
    return _NAMES.search(text) is not None


def is_candidate(text: str) -> bool:
    """Whether a file is worth a run when it is saved: it may have targets, or want for one."""
    # What has modules says "torch", and gets a hint.
    return "torch" in text or may_declare_target(text)
