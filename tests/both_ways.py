"""Check files from a snapshot of an edited text of theirs, and from the start, and compare.

Usage: ``python -m tests.both_ways [--edits N] [--quick] [FILE…]``; without files, the corpus.  Of
each file N random edits of its bodies are checked in both ways as well.
"""

from __future__ import annotations

import argparse
import ast
import os
import pickle
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from export_lsp.protocol import STAGES, Check, Declined, Found, Log, RunEvent
from export_lsp.source import Source
from tests.annotated import CORPUS

# What is executed while a model is made, so that an edit is declined.
MAKING = ("__init__", "export_targets", "get_")

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


def in_fork(function: Callable[[], Any]) -> Any:
    """What a function gives in a process of its own; None if that ends before."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        with os.fdopen(writer, "wb") as stream:
            pickle.dump(function(), stream)
        sys.stdout.flush()
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        data = stream.read()
    os.waitpid(pid, 0)
    return pickle.loads(data) if data else None


def events_of(check: Check, snapshot: Any = None) -> list[RunEvent]:
    from export_lsp.worker.run import run_check

    events: list[RunEvent] = []
    run_check(check, events.append, snapshot)
    return events


def both(before: str, check: Check) -> tuple[list[RunEvent] | None, list[RunEvent] | None]:
    """What is said from a snapshot of the file with the text `before`, and from the start."""

    def from_snapshot() -> list[RunEvent] | None:
        from dataclasses import replace

        from export_lsp.worker import snapshot

        made = snapshot.made(replace(check, texts={check.file: before}))
        return None if made is None else events_of(check, made)

    return in_fork(from_snapshot), in_fork(lambda: events_of(check))


def told(events: list[RunEvent]) -> list[RunEvent]:
    """The findings and the rest that depends on nothing but the file."""
    return [
        event
        for event in events
        if isinstance(event, Found) or (isinstance(event, Log) and event.level != "debug")
    ]


def compare(files: list[Path], edits: int, quick: bool) -> Iterator[tuple[Path, str, str]]:
    """For each text of each file: "same", "declined", "none" or "other", and what there is."""
    for file in files:
        text = Source.of(str(file), file.read_bytes()).text
        for seed in range(edits + 1):
            texts = {str(file): edited(text, seed)} if seed else {}
            stages = STAGES[:7] if quick else STAGES
            check = Check(1, str(file.parent), str(file), texts=texts, stages=stages)
            before = edited(text, 1000 + seed)
            try:
                shot, fresh = both(before, check)
            except SyntaxError:
                continue
            if shot is None or fresh is None:
                yield file, "none", ""
                continue
            declined = [event.reason for event in shot if isinstance(event, Declined)]
            if declined:
                yield file, "declined", declined[0]
            elif told(shot) == told(fresh):
                yield file, "same", ""
            else:
                yield file, "other", f"{told(shot)}\n{told(fresh)}"


def warmed_up() -> None:
    from export_lsp.worker.warm import steps, warm_up

    warm_up(fork=True)
    for _ in steps():
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="up to `verify` only")
    parser.add_argument("files", nargs="*", type=Path)
    arguments = parser.parse_args()
    warmed_up()
    counts: dict[str, int] = {}
    files = arguments.files or sorted(CORPUS.rglob("*.py"))
    for file, outcome, what in compare(files, arguments.edits, arguments.quick):
        counts[outcome] = counts.get(outcome, 0) + 1
        if outcome != "same":
            print(f"{file.relative_to(CORPUS.parent)}: {outcome} {what}", flush=True)
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    sys.exit("other" in counts)


if __name__ == "__main__":
    main()
