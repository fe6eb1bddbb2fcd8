"""Checks files of a library, and holds each check against plain torch's exports."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from export_lsp.engine.hosts import WorkerHost
from export_lsp.fixes.proof import Fix
from tests.corpus_fixes import fixed_texts
from tests.wild import plain
from tests.wild.case import CaseFile, Library
from tests.wild.checked import check, fixes_that_export, worker
from tests.wild.results import Kept, Result
from tests.wild.verdict import Plain, Verdict, judged


class Exporter:
    """A process that exports files with plain torch."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    async def export(self, file: Path) -> dict[str, Plain]:
        """Plain torch's answer for each mode."""
        return await asyncio.to_thread(self._export, file)

    def _export(self, file: Path) -> dict[str, Plain]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{file}\n")
        self._process.stdin.flush()
        answers = json.loads(self._process.stdout.readline())
        return {mode: Plain.of(answer) for mode, answer in answers.items()}


@contextmanager
def exporter(library: Library, python: Path) -> Iterator[Exporter]:
    """Context manager with an exporter that has a library imported."""
    process = subprocess.Popen(
        [str(python), plain.__file__, library.module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Like the worker, so that both get the same share of a busy machine.
        start_new_session=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    try:
        yield Exporter(process)
    finally:
        process.kill()
        process.communicate()


async def check_cases(
    library: Library, cases: Sequence[CaseFile], python: Path, directory: Path, kept: Kept
) -> None:
    """Check cases with the library's interpreter, and add the results to those kept."""
    folder = directory / "files" / library.name
    folder.mkdir(parents=True, exist_ok=True)
    with exporter(library, python) as torch:
        async with worker(python) as host:
            for index, case in enumerate(cases, 1):
                result = await _one(case, folder, torch, host)
                kept.add(result)
                told = f"{index}/{len(cases)} {library.name} {case.name}: {result.verdict}"
                seconds = f"{result.plain_seconds:.1f} s, {result.check_seconds:.1f} s"
                print(f"{told} ({seconds})", flush=True)


async def _one(case: CaseFile, folder: Path, torch: Exporter, host: WorkerHost) -> Result:
    file = folder / case.file_name
    file.write_text(case.text)
    answers = await torch.export(file)
    checked = await check(host, file)
    verdict, because = judged(str(file), answers, checked)
    fixes: list[Fix] = []
    if any(finding.remedies for problem in checked.problems for finding in problem.findings):
        fixes = await fixes_that_export(host, file)
        if wrong := await _wrong_proof(fixes, file, torch):
            verdict, because = wrong
    return Result(
        case.library,
        case.name,
        verdict,
        because,
        round(sum(answer.seconds for answer in answers.values()), 2),
        round(checked.seconds, 2),
        checked.peak_memory,
        len(fixes),
    )


async def _wrong_proof(
    fixes: Sequence[Fix], file: Path, torch: Exporter
) -> tuple[Verdict, str] | None:
    """The verdict on a file with a fix that does not export; None without one."""
    for number, fix in enumerate(fixes):
        fixed = file.parent / "fixed" / f"{file.stem}_{number}.py"
        fixed.parent.mkdir(exist_ok=True)
        fixed.write_text(fixed_texts(fix).get(file, file.read_text()))
        for mode, answer in (await torch.export(fixed)).items():
            for step, failed in answer.failures.items():
                return "wrong proof", f"{fix.title} | {mode}, {step}: {failed.error}"
    return None
