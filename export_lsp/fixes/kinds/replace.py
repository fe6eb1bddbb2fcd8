"""`replace`: write other expressions in place of those that are there.

Of the remedy, `text` goes to `location`, and each of `also` to its own location.  With
``"inputs": "other"`` in its `data` the replacement changes the example inputs, so that results
before and after it cannot be compared.
"""

from __future__ import annotations

from collections.abc import Iterator

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import Edit
from export_lsp.protocol import Remedy, Replacement


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    """Yield the one replacement."""
    parts = (Replacement(remedy.location, remedy.text), *remedy.also)
    edits = tuple(Edit(part.location, part.text) for part in parts)
    old = sources[remedy.location.file].excerpt(remedy.location)
    title = remedy.title or f"Replace `{old}` with `{remedy.text}`"
    other = remedy.data.get("inputs") == "other"
    yield Candidate(title, edits, rewrites=not other, group=remedy.group, other_inputs=other)
