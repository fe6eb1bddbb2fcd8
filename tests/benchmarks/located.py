"""Which failures of the corpus a check locates, beside what torch itself names of them.

Usage: ``python -m tests.benchmarks.located [--json] [RULE…]``; a rule takes the files that state
it, ``controls`` those that state nothing.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.table import Table

from tests.answer_processes import ask_processes
from tests.benchmarks import counting
from tests.benchmarks.counting import COLUMNS, Heard, Judged, Row
from tests.checking import Checked, Worker
from tests.corpus_annotations import CORPUS, expected_in, read, reported

ROOT = Path(__file__).parents[2]
# Processes that ask torch; a check runs two at a time as well.
PARALLEL = 2
WIDTH = 114


def files_of(rules: Sequence[str]) -> list[Path]:
    """The corpus files that the given names select; all if there are none."""
    chosen = []
    for file in sorted(CORPUS.rglob("*.py")):
        stated = {expected.rule for expected in expected_in(file)} or {"controls"}
        if not rules or stated.intersection(rules):
            chosen.append(file)
    return chosen


def checked(files: Sequence[Path]) -> dict[Path, Checked]:
    worker = Worker()
    try:
        return worker.check_all(files)
    finally:
        worker.close()


def peers(files: Sequence[Path]) -> dict[Path, dict[str, Heard]]:
    """What torch says of each file, by tool."""
    said = ask_processes("tests.benchmarks.peers", list(map(str, files)))
    return {file: _heard(answer) for file, answer in zip(files, said, strict=True)}


def _heard(answer: dict[str, dict[str, Any]]) -> dict[str, Heard]:
    return {
        tool: Heard(said["reached"], said["failed"], frozenset(said["lines"]))
        for tool, said in answer.items()
    }


def judged(files: Sequence[Path]) -> list[Judged]:
    """Check the files, ask torch about them, and compare both with what they state."""
    ours = checked(files)
    theirs = peers(files)
    return [
        counting.judge(
            str(file.relative_to(CORPUS)),
            read(file),
            expected_in(file),
            reported(ours[file].findings, file),
            theirs[file],
        )
        for file in files
    ]


def tables(files: Sequence[Judged]) -> Group:
    parts = [_by_rule(files), _of_several(files), _of_controls(files)]
    return Group(*(part for part in parts if part.row_count))


def _by_rule(files: Sequence[Judged]) -> Table:
    table = Table(title="Failures of the corpus: found here, and named by torch")
    table.add_column("rule", no_wrap=True)
    for name in ("failures", "located", "exact\nrange", "false\nalarms"):
        table.add_column(name, justify="right")
    for name in ("export,\nnon-strict", "export,\nstrict", "export,\neither", "draft_export"):
        table.add_column(name, justify="right")
    found = counting.rows(files)
    for row in found:
        table.add_row(*_cells(row), end_section=row is found[-1])
    table.add_row(*_cells(counting.total(files)))
    table.caption = (
        "Located: the rule and the line. Torch names a failure if a traceback or a stack it prints"
        " ends in the failing statement; its second number is those it gets to an export with;"
        " a dash stands where there are none."
    )
    return table


def _cells(row: Row) -> list[str]:
    alarms = row.on_controls + row.elsewhere
    where = f" ({row.on_controls} on controls)" if row.on_controls else ""
    return [
        row.rule,
        str(row.findings),
        str(row.located),
        str(row.exact),
        f"{alarms}{where}",
        *(
            f"{row.named[column]}/{row.within_reach[column]}" if row.within_reach[column] else "–"
            for column in COLUMNS
        ),
    ]


def _of_several(files: Sequence[Judged]) -> Table:
    chosen = counting.several(files)
    table = Table(title="Files with several failures: how many of them each names")
    table.add_column("file", no_wrap=True)
    for name in ("failures", "located", *_EXPORTS.values()):
        table.add_column(name, justify="right")
    for file in chosen:
        table.add_row(*_counts(file.name, [file]), end_section=file is chosen[-1])
    if len(chosen) > 1:
        table.add_row(*_counts("all", chosen))
    return table


_EXPORTS = {"either": "export, either", "draft_export": "draft_export"}


def _counts(name: str, files: Sequence[Judged]) -> list[str]:
    failures = [failure for file in files for failure in file.failures]
    return [
        name,
        str(len(failures)),
        str(sum(failure.located for failure in failures)),
        *(str(sum(column in failure.named for failure in failures)) for column in _EXPORTS),
    ]


def _of_controls(files: Sequence[Judged]) -> Table:
    controls = [file for file in files if file.control]
    table = Table(title="Files that state no failure: how many of them each complains about")
    for name in ("files", "checked here", *_EXPORTS.values()):
        table.add_column(name, justify="right")
    if controls:
        table.add_row(
            str(len(controls)),
            str(sum(bool(file.false_alarms) for file in controls)),
            *(str(sum(column in file.complained for file in controls)) for column in _EXPORTS),
        )
    return table


def as_json(files: Sequence[Judged]) -> str:
    def plain(value: Any) -> Any:
        return sorted(value) if isinstance(value, frozenset) else str(value)

    body = {
        "rules": [dataclasses.asdict(row) for row in counting.rows(files)],
        "total": dataclasses.asdict(counting.total(files)),
        "files": [dataclasses.asdict(file) for file in files],
    }
    return json.dumps(body, indent=2, default=plain, ensure_ascii=False)


def main() -> None:
    parser = argparse.ArgumentParser(description="Located failures of the corpus, by rule.")
    parser.add_argument("rules", nargs="*", metavar="RULE", help="these rules only, or controls")
    parser.add_argument("--json", action="store_true", help="every file, for programs")
    options = parser.parse_args()
    files = files_of(options.rules)
    if not files:
        parser.error("no file of the corpus states such a rule")
    found = judged(files)
    if options.json:
        print(as_json(found))
    else:
        # Narrower, the names of rules and files would be cut.
        Console(width=max(Console().width, WIDTH)).print(tables(found))


if __name__ == "__main__":
    main()
