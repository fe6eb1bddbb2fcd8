"""The identities of problems, by which services recognise them in a later report."""

from __future__ import annotations

import hashlib
from collections import Counter

from export_lsp.cli.report import Report, uri_path


def identities(report: Report) -> list[str]:
    """Return an identity for each problem that stays when lines above it come or go.

    Equal problems of one file are told apart by their order.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for problem in report.problems:
        file = problem.location.file
        parts = (problem.rule, uri_path(file, report.folder) or file, problem.title)
        text = "\0".join((*parts, str(seen[parts])))
        seen[parts] += 1
        found.append(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())
    return found
