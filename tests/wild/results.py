"""The file of results, with which the command goes on where it was stopped."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.wild.case import CaseFile
from tests.wild.verdict import Verdict


@dataclass(frozen=True)
class Result:
    """A line of the file: the verdict on one file, seconds and peak memory in bytes.

    `fixes` is how many fixes were exported by plain torch, those that are said to export.
    """

    library: str
    name: str
    verdict: Verdict
    because: str
    plain_seconds: float
    check_seconds: float
    peak_memory: int
    fixes: int = 0


class Kept:
    """The result file: a line of JSON for each file; the last one for a file counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._results: dict[tuple[str, str], Result] = {}
        if path.exists():
            for line in path.read_text().splitlines():
                self._take(Result(**json.loads(line)))

    @property
    def results(self) -> list[Result]:
        return list(self._results.values())

    def __contains__(self, file: CaseFile) -> bool:
        return (file.library, file.name) in self._results

    def add(self, result: Result) -> None:
        self._take(result)
        with self._path.open("a") as stream:
            stream.write(json.dumps(asdict(result)) + "\n")

    def _take(self, result: Result) -> None:
        self._results[result.library, result.name] = result
