"""The terms that no message to a user contains: only a compiler's developers know them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from export_lsp.protocol import Costs, Finding, Insight, TargetEnded

INTERNAL = re.compile(
    r" at 0x|\bz?u?[usf]\d+\b|L\['|Variable\(|site-packages|flat_args|TreeSpec|<class|<function"
    r"|__obj_flatten__|_VariableFunctionsClass|\d{16,}|<unknown>|L__self|lifted_tensor|torch\._C\b"
    r"|Dynamo|functorch|FakeTensor|\bproxy\b|export_lsp|lazy_load_"
)


# Names of torch's for sizes, and its ways to write ranges.
SIZES = re.compile(r"\b(?:s|u|zuf)\d+\b(?!\[)|int_oo|VR\[")


def shown_texts(event: object) -> Iterator[str]:
    """Yield the texts that an event has for users: shapes, sizes, conditions, operations."""
    if isinstance(event, Insight):
        yield from (value.text for value in event.values)
    elif isinstance(event, Costs):
        yield from (name for each in event.operators for name in (*each.operators, *each.core))
        costs = [each.cost for each in event.modules]
        yield from (each.flops.formula for each in costs if each.flops is not None)
    elif isinstance(event, TargetEnded):
        yield from (dim.name for dim in event.outcome.dims)
        yield from event.outcome.conditions


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
