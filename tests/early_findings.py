"""Compare the findings of early traces with those of the whole model, on edits that make it fail.

Usage: ``python -m tests.early_findings [--edits N] [FILE…]``; without files, the corpus.
An early finding that the check of the whole model does not confirm is counted as wrong.
"""

from __future__ import annotations

import argparse
import ast
import random
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

from export_lsp.protocol import (
    Check,
    Finding,
    Found,
    RunEvent,
    Traced,
)
from export_lsp.source import Source
from export_lsp.stages import STAGES
from tests.both_ways import BUILDING, PATIENCE, from_scratch, parses, warm_up
from tests.corpus_annotations import CORPUS

# Statements on a tensor parameter that fail, or may fail.
FAILING = (
    "if {name}.sum() > 0: pass",
    "{name}.nonzero().shape[0] == 3 and None",
    "[0] * int({name}.max())",
    "assert {name}.isnan().any().logical_not()",
    "not_defined_anywhere({name})",
    "{name}.reshape(-1)[: {name}.sum().item()]",
)


def failing(text: str, seed: int) -> str | None:
    """Return the text with a failing statement at the start of a method; None without methods."""
    chosen = random.Random(seed)
    methods = [
        function
        for kind in ast.walk(ast.parse(text))
        if isinstance(kind, ast.ClassDef)
        for function in kind.body
        if isinstance(function, ast.FunctionDef) and not function.name.startswith(BUILDING)
        if len(function.args.args) > 1 and function.body[0].lineno > function.lineno
    ]
    if not methods:
        return None
    method = chosen.choice(methods)
    first = method.body[ast.get_docstring(method) is not None :][:1]
    if not first:
        return None
    lines = text.split("\n")
    statement = chosen.choice(FAILING).format(name=method.args.args[1].arg)
    lines.insert(first[0].lineno - 1, " " * first[0].col_offset + statement)
    return "\n".join(lines)


def early(check: Check) -> list[Finding] | None:
    """Return the early findings of an edit of the file on disk; None if there is no snapshot."""
    from export_lsp.worker.check.early_trace import report_early_findings
    from export_lsp.worker.check.snapshot import model_snapshot
    from export_lsp.worker.system.forked_call import call_in_fork

    earlier = replace(check, texts={})
    traced = [event for event in from_scratch(earlier) or [] if isinstance(event, Traced)]

    def found() -> list[Finding] | None:
        made = model_snapshot.take_snapshot(earlier)
        if made is None:
            return None
        made.calls = {event.target: event.calls for event in traced}
        events: list[RunEvent] = []
        report_early_findings(check, events.append, made)
        return [event.finding for event in events if isinstance(event, Found)]

    return call_in_fork(found, timeout=PATIENCE) if traced else None


def compare(file: Path, seed: int) -> tuple[str, str]:
    """Compare the early findings of a failing edit with those of the whole model.

    Returns:
        The outcome, with details: "confirmed", "wrong", "silent" if there are no early findings, or
        "none" if there is nothing to edit or no snapshot.
    """
    text = Source.of(str(file), file.read_bytes()).text
    after = failing(text, seed)
    if after is None:
        return "none", ""
    check = Check(
        run=1,
        folder=str(file.parent),
        file=str(file),
        texts={str(file): after},
        stages=STAGES[: STAGES.index("run")],
        modes=("non-strict",),
    )
    found = early(check)
    if found is None:
        return "none", ""
    if not found:
        return "silent", ""
    whole = [event.finding for event in from_scratch(check) or [] if isinstance(event, Found)]
    places = {(finding.rule, finding.target, finding.location) for finding in whole}
    wrong = [each for each in found if (each.rule, each.target, each.location) not in places]
    return ("wrong", f"{wrong}\n{whole}") if wrong else ("confirmed", "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=2)
    parser.add_argument("files", nargs="*", type=Path)
    arguments = parser.parse_args()
    warm_up()
    counts: Counter[str] = Counter()
    files = [file.resolve() for file in arguments.files] or sorted(CORPUS.rglob("*.py"))
    for file in files:
        if not parses(file):
            continue
        for seed in range(1, arguments.edits + 1):
            outcome, details = compare(file, seed)
            counts[outcome] += 1
            if outcome == "wrong":
                print(f"{file}: edit {seed}: {outcome} {details}", flush=True)
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    sys.exit("wrong" in counts)


if __name__ == "__main__":
    main()
