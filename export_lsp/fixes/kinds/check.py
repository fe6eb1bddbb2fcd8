"""`check`: state what always holds with ``torch._check``, before the statement that relies on it.

Of the remedy, `text` has the conditions, one a line.  `also` are expressions of the statement that
are given a name first, since the conditions are about them: each location, and the name for it.
With ``"others": "taken"`` in its `data` the code takes inputs for which the conditions do not hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement import insert_before
from export_lsp.fixes.torch_name import with_torch
from export_lsp.protocol import Remedy


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    """Yield the checks on lines before the statement, unless they are there already."""
    source = sources[remedy.location.file]
    named = [f"{part.text} = {source.excerpt(part.location)}" for part in remedy.also]
    checks = [f"torch._check({condition})" for condition in remedy.text.split("\n")]
    written = with_torch(source, remedy.location, "\n".join([*named, *checks]))
    if written is None:
        return
    code, imports = written
    edits = insert_before(source, remedy.location, code)
    if edits is not None:
        renamed = tuple(Edit(part.location, part.text) for part in remedy.also)
        title = " and ".join(f"`{line}`" for line in code.split("\n")[len(named) :])
        yield Candidate(
            f"Insert {title}",
            (*imports, *edits, *renamed),
            group=remedy.group,
            condition=" and ".join(f"`{line}`" for line in remedy.text.split("\n")),
            narrows=remedy.data.get("others") == "taken",
        )
