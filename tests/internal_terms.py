"""The terms that no message to a user contains: only a compiler's developers know them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from export_lsp.protocol import Finding

INTERNAL = re.compile(
    r" at 0x|\bz?u?[usf]\d+\b|L\['|Variable\(|site-packages|flat_args|TreeSpec|<class|<function"
    r"|__obj_flatten__|_VariableFunctionsClass|\d{16,}|<unknown>|L__self|lifted_tensor|torch\._C\b"
    r"|Dynamo|functorch|FakeTensor|\bproxy\b|export_lsp|lazy_load_"
)


def messages(findings: Iterable[Finding]) -> set[str]:
    """Return the titles and explanations of findings, and the messages of related places."""
    return {
        text
        for finding in findings
        for text in (
            finding.title,
            finding.explanation,
            *(related.message for related in finding.related),
        )
    }


def with_internals(texts: Iterable[str]) -> list[str]:
    """Return the texts that contain an internal term, or more than one line."""
    return [text for text in texts if INTERNAL.search(text) or "\n" in text]
