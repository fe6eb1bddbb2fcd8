"""`check`: state with ``torch._check`` what always holds, before the statement that needs it.

Of the remedy, `text` has the conditions, a line each.  `also` are expressions in the statement that
get a name first, since the conditions are about them: each place, and the name for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement import before
from export_lsp.fixes.torch_name import with_torch
from export_lsp.protocol import Remedy


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    source = sources[remedy.location.file]
    named = [f"{part.text} = {source.excerpt(part.location)}" for part in remedy.also]
    checks = [f"torch._check({condition})" for condition in remedy.text.split("\n")]
    written = with_torch(source, remedy.location, "\n".join([*named, *checks]))
    if written is None:
        return
    code, imports = written
    edits = before(source, remedy.location, code)
    if edits is not None:
        renamed = tuple(Edit(part.location, part.text) for part in remedy.also)
        title = " and ".join(f"`{line}`" for line in code.split("\n")[len(named) :])
        yield Candidate(f"Insert {title}", (*imports, *edits, *renamed), group=remedy.group)
