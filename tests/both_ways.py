"""Check files from a snapshot of an edited text of theirs, and from the start, and compare.

Usage: ``python -m tests.both_ways [--edits N] [--quick] [FILE…]``; without files, the corpus.  Of
each file N random edits of its bodies are checked in both ways as well.
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from export_lsp.protocol import (
    Check,
    Declined,
    Found,
    Log,
    RunEvent,
)
from export_lsp.source import Source
from export_lsp.stages import STAGES
from tests.annotated import CORPUS

# What is executed while a model is made, so that an edit is declined.
MAKING = ("__init__", "export_targets", "get_")

# Seeds of the edits that the snapshots are made with, which are other ones.
EDITED_BEFORE = 1000

# Checks from the start that have to agree before another result counts.
REPEATED = 4

ADDRESS = re.compile(r"\b0x[0-9a-f]+")

# Seconds that a check may take.
PATIENCE = 300.0

# What may stand before any statement of a body.
ADDED = ("pass", "# a comment", "torch.zeros(2).tolist()", "assert True", "x_ = [1, 2]; del x_")


def edited(text: str, seed: int) -> str:
    """The text with more lines in some bodies."""
    chosen = random.Random(seed)
    lines = text.split("\n")
    statements = [
        statement
        for function in ast.walk(ast.parse(text))
        if isinstance(function, ast.FunctionDef) and not function.name.startswith(MAKING)
        for statement in function.body[ast.get_docstring(function) is not None :]
        if statement.lineno > function.lineno
        and lines[statement.lineno - 1][: statement.col_offset].isspace()
    ]
    some = chosen.sample(statements, k=min(len(statements), chosen.randint(1, 3)))
    for statement in sorted(some, key=lambda each: each.lineno, reverse=True):
        indentation = lines[statement.lineno - 1][: statement.col_offset]
        lines.insert(statement.lineno - 1, indentation + chosen.choice(ADDED))
    return "\n".join(lines)


def events_of(check: Check, snapshot: Any = None) -> list[RunEvent]:
    from export_lsp.worker.check.run import run_check

    events: list[RunEvent] = []
    run_check(check, events.append, snapshot)
    return events


def both(before: str, check: Check) -> tuple[list[RunEvent] | None, list[RunEvent] | None]:
    """What is said from a snapshot of the file with the text `before`, and from the start."""
    from export_lsp.worker.check.snapshot import model_snapshot
    from export_lsp.worker.system.forked_call import call_in_fork

    def from_snapshot() -> list[RunEvent] | None:
        made = model_snapshot.take_snapshot(replace(check, texts={check.file: before}))
        return None if made is None else events_of(check, made)

    return call_in_fork(from_snapshot, timeout=PATIENCE), from_start(check)


def from_start(check: Check) -> list[RunEvent] | None:
    from export_lsp.worker.system.forked_call import call_in_fork

    return call_in_fork(lambda: events_of(check), timeout=PATIENCE)


def told(events: list[RunEvent]) -> list[str]:
    """The findings and the rest that depends on nothing but the file; addresses do not."""
    return [
        ADDRESS.sub("0x", repr(event))
        for event in events
        if isinstance(event, Found) or (isinstance(event, Log) and event.level != "debug")
    ]


def compare(file: Path, seed: int, quick: bool) -> tuple[str, str]:
    """What comes of a file (seed 0) or a random edit of it, and what there is to say.

    "same", "declined", "other", "varies" if checks from the start differ as well (by time, or by
    numbers without a seed), or "none" where there is nothing to go on from.
    """
    text = Source.of(str(file), file.read_bytes()).text
    stages = STAGES[: STAGES.index("run")] if quick else STAGES
    check = Check(
        run=1,
        folder=str(file.parent),
        file=str(file),
        texts={str(file): edited(text, seed)} if seed else {},
        stages=stages,
    )
    shot, fresh = both(edited(text, EDITED_BEFORE + seed), check)
    if shot is None or fresh is None:
        return "none", ""
    for event in shot:
        if isinstance(event, Declined):
            return "declined", event.reason
    if told(shot) == told(fresh):
        return "same", ""
    if any(told(fresh) != told(from_start(check) or []) for _ in range(REPEATED)):
        return "varies", ""
    return "other", f"{told(shot)}\n{told(fresh)}"


def parses(file: Path) -> bool:
    """Whether there is anything to edit in a file."""
    try:
        return Source.of(str(file), file.read_bytes()).tree is not None
    except (SyntaxError, UnicodeDecodeError):
        return False


def warmed_up() -> None:
    from export_lsp.worker.hosts.load_torch import load_torch
    from export_lsp.worker.hosts.warm_up import warm_up_steps

    load_torch(fork=True)
    for _ in warm_up_steps():
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="up to `verify` only")
    parser.add_argument("files", nargs="*", type=Path)
    arguments = parser.parse_args()
    warmed_up()
    counts: Counter[str] = Counter()
    files = [file.resolve() for file in arguments.files] or sorted(CORPUS.rglob("*.py"))
    for file in files:
        if not parses(file):
            continue
        for seed in range(arguments.edits + 1):
            outcome, what = compare(file, seed, arguments.quick)
            counts[outcome] += 1
            if outcome != "same":
                print(f"{file}: {outcome} {what}", flush=True)
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    sys.exit("other" in counts)


if __name__ == "__main__":
    main()
