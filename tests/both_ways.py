"""Compare checks that start from a host's snapshot or libraries with checks from scratch.

Usage: ``python -m tests.both_ways [--edits N] [--quick] [FILE…]``; without files, the corpus and
the files of `tests.import_effects`.  Each file is checked in both ways, and so are N random edits
of its function bodies.  The snapshot is that of a different edit.  Then each file is checked in a
process that has imported its libraries ahead.
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from export_lsp.protocol import (
    Check,
    Declined,
    Found,
    Imported,
    Log,
    RunEvent,
)
from export_lsp.source import Source
from export_lsp.stages import STAGES
from tests.corpus_annotations import CORPUS
from tests.import_effects import EFFECTS, write_project

# Beginnings of the names of functions that a build executes, so that edits of them are declined.
BUILDING = ("__init__", "export_targets", "get_")

# Added to a seed for the edit of the snapshot.
EDITED_BEFORE = 1000

# Checks from scratch that have to agree before a different result counts.
REPEATED = 4

ADDRESS = re.compile(r"\b0x[0-9a-f]+")

# Seconds that a check may take.
PATIENCE = 300.0

# Lines that may be added before any statement.
ADDED = ("pass", "# a comment", "torch.zeros(2).tolist()", "assert True", "x_ = [1, 2]; del x_")


def edited(text: str, seed: int) -> str:
    """Return the text with lines added to some function bodies."""
    chosen = random.Random(seed)
    lines = text.split("\n")
    statements = [
        statement
        for function in ast.walk(ast.parse(text))
        if isinstance(function, ast.FunctionDef) and not function.name.startswith(BUILDING)
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
    """Return the events of a check from a snapshot of the text `before`, and from scratch."""
    from export_lsp.worker.check.snapshot import model_snapshot
    from export_lsp.worker.system.forked_call import call_in_fork

    def from_snapshot() -> list[RunEvent] | None:
        made = model_snapshot.take_snapshot(replace(check, texts={check.file: before}))
        return None if made is None else events_of(check, made)

    return call_in_fork(from_snapshot, timeout=PATIENCE), from_scratch(check)


def from_scratch(check: Check) -> list[RunEvent] | None:
    from export_lsp.worker.system.forked_call import call_in_fork

    return call_in_fork(lambda: events_of(check), timeout=PATIENCE)


def comparable(events: list[RunEvent]) -> list[str]:
    """Return the events that depend on the file alone, without memory addresses."""
    return [
        ADDRESS.sub("0x", repr(event))
        for event in events
        if isinstance(event, Found) or (isinstance(event, Log) and event.level != "debug")
    ]


def compare(file: Path, seed: int, quick: bool) -> tuple[str, str]:
    """Compare the two checks of a file (seed 0) or of a random edit of it.

    Returns:
        The outcome, with details: "same", "declined", "different", "varies" if checks from scratch
        differ among themselves (by time, or by numbers without a seed), or "none" if there is no
        snapshot.
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
    return outcome_of(check, shot, fresh)


def compare_preloaded(file: Path, extra_paths: tuple[str, ...], quick: bool) -> tuple[str, str]:
    """Compare a check whose libraries are imported ahead with one from scratch, as `compare`."""
    stages = STAGES[: STAGES.index("run")] if quick else STAGES
    check = Check(1, str(file.parent), str(file), stages=stages, extra_paths=extra_paths)
    fresh = from_scratch(check)
    return outcome_of(check, from_libraries(check, fresh or []), fresh)


def from_libraries(check: Check, fresh: list[RunEvent]) -> list[RunEvent] | None:
    """Return the events of a check in a process with the libraries that another has imported."""
    from export_lsp.worker.check.preloading import preload
    from export_lsp.worker.system.forked_call import call_in_fork

    imported = [event.modules for event in fresh if isinstance(event, Imported)]
    if not imported:
        return None
    modules = [item for item in imported[-1].items() if item[0] not in sys.modules]
    return call_in_fork(
        lambda: events_of(check) if preload(check, modules) else None, timeout=PATIENCE
    )


def outcome_of(
    check: Check, shot: list[RunEvent] | None, fresh: list[RunEvent] | None
) -> tuple[str, str]:
    """Return the outcome of two checks, the second one from scratch, as `compare` does."""
    if shot is None or fresh is None:
        return "none", ""
    for event in shot:
        if isinstance(event, Declined):
            return "declined", event.reason
    if comparable(shot) == comparable(fresh):
        return "same", ""
    if any(comparable(fresh) != comparable(from_scratch(check) or []) for _ in range(REPEATED)):
        return "varies", ""
    return "different", f"{comparable(shot)}\n{comparable(fresh)}"


def parses(file: Path) -> bool:
    """Return whether a file parses, so that it can be edited."""
    try:
        return Source.of(str(file), file.read_bytes()).tree is not None
    except (SyntaxError, UnicodeDecodeError):
        return False


def warm_up() -> None:
    """Import torch and warm it up in this process, as a host does."""
    from export_lsp.worker.hosts.load_torch import load_torch
    from export_lsp.worker.hosts.warm_up import warm_up_steps

    load_torch(fork=True)
    for _ in warm_up_steps():
        pass


def count_preloaded(
    name: str, file: Path, extra_paths: tuple[str, ...], quick: bool, counts: Counter[str]
) -> None:
    outcome, details = compare_preloaded(file, extra_paths, quick)
    counts[f"{outcome} with libraries"] += 1
    if outcome != "same":
        print(f"{name}: with libraries {outcome} {details}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="up to `verify` only")
    parser.add_argument("--effects", action="store_true", help="those of import_effects only")
    parser.add_argument("files", nargs="*", type=Path)
    arguments = parser.parse_args()
    warm_up()
    counts: Counter[str] = Counter()
    files = [file.resolve() for file in arguments.files]
    if not files and not arguments.effects:
        files = sorted(CORPUS.rglob("*.py"))
    for file in files:
        if not parses(file):
            continue
        for seed in range(arguments.edits + 1):
            outcome, details = compare(file, seed, arguments.quick)
            counts[outcome] += 1
            if outcome != "same":
                print(f"{file}: {outcome} {details}", flush=True)
        count_preloaded(str(file), file, (), arguments.quick, counts)
    with tempfile.TemporaryDirectory() as folder:
        for effect in EFFECTS if not arguments.files else ():
            file, paths = write_project(effect, Path(folder).resolve() / effect)
            count_preloaded(effect, file, paths, arguments.quick, counts)
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    sys.exit(any(name.startswith("different") for name in counts))


if __name__ == "__main__":
    main()
