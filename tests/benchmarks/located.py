"""Count the failures of the corpus that a check locates, and those that torch itself names.

Usage: ``python -m tests.benchmarks.located [--json] [RULE…]``; a rule selects the files with its
annotations, ``controls`` those without annotations.
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
from tests.benchmarks import location_counts
from tests.benchmarks.location_counts import COLUMNS, FileResult, Row, ToolResult
from tests.checking import Checked, Worker
from tests.corpus_annotations import CORPUS, expected_in, read, reported

ROOT = Path(__file__).parents[2]
WIDTH = 114


def files_of(rules: Sequence[str]) -> list[Path]:
    """Return the files of the corpus that the rules select; all of them without rules."""
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


def tool_results(files: Sequence[Path]) -> dict[Path, dict[str, ToolResult]]:
    """Return the result of each of torch's tools for each file."""
    answers = ask_processes("tests.benchmarks.torch_reports", list(map(str, files)))
    return {file: _results(answer) for file, answer in zip(files, answers, strict=True)}


def _results(answer: dict[str, dict[str, Any]]) -> dict[str, ToolResult]:
    return {
        tool: ToolResult(report["reached"], report["failed"], frozenset(report["lines"]))
        for tool, report in answer.items()
    }


def file_results(files: Sequence[Path]) -> list[FileResult]:
    """Check the files, run torch's tools on them, and compare both with the annotations."""
    ours = checked(files)
    theirs = tool_results(files)
    return [
        location_counts.compare(
            str(file.relative_to(CORPUS)),
            read(file),
            expected_in(file),
            reported(ours[file].findings, file),
            theirs[file],
        )
        for file in files
    ]


def tables(files: Sequence[FileResult]) -> Group:
    parts = [_by_rule(files), _of_several(files), _of_controls(files)]
    return Group(*(part for part in parts if part.row_count))


def _by_rule(files: Sequence[FileResult]) -> Table:
    table = Table(title="Failures of the corpus: located by a check, and named by torch")
    table.add_column("rule", no_wrap=True)
    for name in ("failures", "located", "exact\nrange", "false\nalarms"):
        table.add_column(name, justify="right")
    for name in ("export,\nnon-strict", "export,\nstrict", "export,\neither", "draft_export"):
        table.add_column(name, justify="right")
    found = location_counts.rows(files)
    for row in found:
        table.add_row(*_cells(row), end_section=row is found[-1])
    table.add_row(*_cells(location_counts.total(files)))
    table.caption = (
        "Located: the rule and the line. Torch names a failure if a traceback or stack that it"
        " prints ends in the failing statement; its second number counts the failures in files"
        " that get as far as an export, a dash stands for none."
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


def _of_several(files: Sequence[FileResult]) -> Table:
    chosen = location_counts.several(files)
    table = Table(title="Files with several failures: how many of them are named")
    table.add_column("file", no_wrap=True)
    for name in ("failures", "located", *_EXPORTS.values()):
        table.add_column(name, justify="right")
    for file in chosen:
        table.add_row(*_counts(file.name, [file]), end_section=file is chosen[-1])
    if len(chosen) > 1:
        table.add_row(*_counts("all", chosen))
    return table


_EXPORTS = {"either": "export, either", "draft_export": "draft_export"}


def _counts(name: str, files: Sequence[FileResult]) -> list[str]:
    failures = [failure for file in files for failure in file.failures]
    return [
        name,
        str(len(failures)),
        str(sum(failure.located for failure in failures)),
        *(str(sum(column in failure.named for failure in failures)) for column in _EXPORTS),
    ]


def _of_controls(files: Sequence[FileResult]) -> Table:
    controls = [file for file in files if file.control]
    table = Table(title="Files without failures: for how many of them is one reported")
    for name in ("files", "check", *_EXPORTS.values()):
        table.add_column(name, justify="right")
    if controls:
        table.add_row(
            str(len(controls)),
            str(sum(bool(file.false_alarms) for file in controls)),
            *(str(sum(column in file.complained for file in controls)) for column in _EXPORTS),
        )
    return table


def as_json(files: Sequence[FileResult]) -> str:
    def plain(value: Any) -> Any:
        return sorted(value) if isinstance(value, frozenset) else str(value)

    body = {
        "rules": [dataclasses.asdict(row) for row in location_counts.rows(files)],
        "total": dataclasses.asdict(location_counts.total(files)),
        "files": [dataclasses.asdict(file) for file in files],
    }
    return json.dumps(body, indent=2, default=plain, ensure_ascii=False)


def main() -> None:
    parser = argparse.ArgumentParser(description="Count located failures by rule.")
    parser.add_argument(
        "rules", nargs="*", metavar="RULE", help="a rule, or `controls`; all by default"
    )
    parser.add_argument("--json", action="store_true", help="print counts and files as JSON")
    options = parser.parse_args()
    files = files_of(options.rules)
    if not files:
        parser.error("no file of the corpus has such an annotation")
    found = file_results(files)
    if options.json:
        print(as_json(found))
    else:
        # A narrower table would truncate the names of rules and files.
        Console(width=max(Console().width, WIDTH)).print(tables(found))


if __name__ == "__main__":
    main()
