"""`check`: state with ``torch._check`` what always holds, before the statement that needs it.

Of the remedy, `text` is the condition.
"""

from __future__ import annotations

from collections.abc import Iterator

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.placement import before
from export_lsp.protocol import Remedy


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    source = sources[remedy.location.file]
    calls = [f"torch._check({condition})" for condition in remedy.text.split("\n")]
    edits = before(source, remedy.location, "\n".join(calls))
    if edits is not None:
        title = " and ".join(f"`{call}`" for call in calls)
        yield Candidate(f"Insert {title}", edits, group=remedy.group)
