"""Find the fixes offered for the failures of the corpus, and verify each with torch alone.

Each fix is applied to a copy of its file, which torch exports in a separate process.

Usage: ``python -m tests.benchmarks.fixes [--write] [FOLDER…]``; a folder is one of the corpus.
``--write`` writes the fixes to ``tests/corpus/fixes``.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from export_lsp.findings import Problem
from export_lsp.fixes.proof import Fix
from export_lsp.source import encoded
from tests.answer_processes import ask_processes
from tests.corpus_annotations import CORPUS, expected_in
from tests.corpus_fixes import PAGES, FileFixes, data_dependent, find_fixes, fixed_texts, page
from tests.plain_torch import Answer, Question, copy_with_modules

WIDTH = 144


@dataclass(frozen=True)
class CheckedFix:
    """An offered fix, and the answer of torch alone."""

    file: Path
    problem: Problem
    fix: Fix
    answer: Answer

    @property
    def contradiction(self) -> str:
        """Torch's contradiction of the fix's proof; "" if there is none."""
        answer = self.answer
        if self.fix.proof == "exports":
            return answer.error or answer.differs or answer.rewritten or answer.other_side
        return answer.rewritten


def folders(names: Sequence[str]) -> list[Path]:
    """Return the named folders of the corpus, or all of them."""
    every = sorted(folder for folder in CORPUS.iterdir() if folder.is_dir())
    return [folder for folder in every if folder != PAGES and (not names or folder.name in names)]


def failing(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*.py")) if expected_in(file)]


def check_with_torch(files: Sequence[FileFixes]) -> list[CheckedFix]:
    """Export each file with each offered fix, with torch alone."""
    offered = [
        (file.path, problem, fix)
        for file in files
        for problem, fixes in file.problems
        for fix in fixes
    ]
    with tempfile.TemporaryDirectory() as folder:
        questions = [
            dataclasses.asdict(_question(*each, Path(folder) / str(number)))
            for number, each in enumerate(offered)
        ]
        answers = ask_processes("tests.plain_torch", questions)
    found = zip(offered, answers, strict=True)
    return [CheckedFix(*each, Answer(**fields)) for each, fields in found]


def _question(file: Path, problem: Problem, fix: Fix, folder: Path) -> Question:
    copy = copy_with_modules(file, folder)
    for path, text in fixed_texts(fix).items():
        (folder / path.relative_to(file.parent)).write_bytes(encoded(text))
    target = problem.targets[0] if problem.targets else ""
    return Question(str(copy), target, str(file))


def table(
    title: str, files: Sequence[FileFixes], found: Sequence[CheckedFix], *, kinds: bool
) -> Table:
    """Return the counts by rule, or, with `kinds`, by kind of remedy.

    "fixed" are the problems with a proved fix, "other side" the offers with which the model and its
    program take all inputs of the variations that the model took before.
    """
    rows: dict[str, Counter[str]] = {}
    for file in files:
        for problem, fixes in file.problems:
            remedied: set[str] = {
                remedy.kind for finding in problem.findings for remedy in finding.remedies
            }
            for name in remedied if kinds else {problem.rule}:
                count = rows.setdefault(name, Counter())
                count["problems"] += 1
                count["fixed"] += any(
                    fix.is_safe and (not kinds or fix.kind == name) for fix in fixes
                )
    for each in found:
        count = rows.setdefault(str(each.fix.kind if kinds else each.problem.rule), Counter())
        count["offered"] += 1
        count[each.fix.proof] += 1
        count["other side"] += not each.answer.error and not each.answer.other_side
        count["confirmed"] += each.fix.proof == "exports" and not each.contradiction
        count["contradicted"] += bool(each.contradiction)
    made = Table(title=title)
    made.add_column("kind" if kinds else "rule", no_wrap=True)
    columns = (
        *("problems", "fixed", "offered", "other side", "exports", "confirmed"),
        *("advances", "narrows", "unverified", "contradicted"),
    )
    for column in columns:
        made.add_column(column, justify="right")
    total: Counter[str] = Counter()
    for name, count in sorted(rows.items()):
        total.update(count)
        made.add_row(name, *(str(count[column]) for column in columns))
    if not kinds:
        made.add_section()
        made.add_row("all", *(str(total[column]) for column in columns))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write tests/corpus/fixes")
    parser.add_argument("folders", nargs="*")
    options = parser.parse_args()
    chosen = {folder: failing(folder) for folder in folders(options.folders)}
    found = find_fixes(file for files in chosen.values() for file in files)
    if options.write:
        PAGES.mkdir(exist_ok=True)
        for folder, files in chosen.items():
            if files:
                (PAGES / f"{folder.name}.txt").write_text(page([found[file] for file in files]))
    all_files = list(found.values())
    checked = check_with_torch(all_files)
    console = Console(width=WIDTH)
    console.print(table("By rule", all_files, checked, kinds=False))
    console.print(table("By kind of fix", all_files, checked, kinds=True))
    offered, possible, _ = data_dependent(all_files)
    console.print(
        f"Data-dependent failures that have a fix: {offered} of {possible} are offered one."
    )
    for each in checked:
        if each.contradiction:
            where = each.file.relative_to(CORPUS)
            line = each.problem.location.start.line + 1
            console.print(f"{where}:{line}: {each.fix.title}: {each.contradiction}", markup=False)


if __name__ == "__main__":
    main()
