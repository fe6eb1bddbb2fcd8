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
    call = f"torch._check({remedy.text})"
    edits = before(source, remedy.location, call)
    if edits is not None:
        yield Candidate(f"Insert `{call}`", edits, group=remedy.group)
