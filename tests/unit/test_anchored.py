"""A new kind of reported values is stored, remembered, restored and moved like findings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from export_lsp.engine.files import disk
from export_lsp.engine.fixing import Budget
from export_lsp.engine.recall import PastResult, Question, Recall
from export_lsp.engine.results.anchored import Kind, Lines, Move
from export_lsp.engine.results.kinds import REPORTED_KINDS
from export_lsp.engine.results.line_remapping import LineRemappings
from export_lsp.engine.results.store import Results
from export_lsp.protocol import Check, Location, Position, Ready
from export_lsp.source import split_lines

TEXT = """\
def forward(self, x):
    picked = x[self.choice(x)]
    return picked.sum()
"""

# An expression and a text about it.
Note = tuple[Location, str]


class NoteKind(Kind[Note]):
    name = "note"

    def locations(self, value: Note) -> Sequence[Location]:
        return value[:1]

    def moved(self, value: Note, move: Move) -> Note | None:
        place = move.range(value[0])
        return (place, value[1]) if place is not None else None

    def identity(self, value: Note) -> Hashable:
        return value[0]

    def encoded(self, value: Note) -> Any:
        place, text = value
        return [place.file, place.start.line, place.start.character, place.end.character, text]

    def decoded(self, data: Any) -> Note:
        file, line, start, end, text = data
        return Location(file, Position(line, start), Position(line, end)), text


NOTE = NoteKind()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "model.py"
    file.write_text(TEXT)
    return file


def place(file: Path, expression: str, text: str = TEXT) -> Location:
    lines = text.split("\n")
    line = next(number for number, content in enumerate(lines) if expression in content)
    start = lines[line].index(expression)
    return Location(str(file), Position(line, start), Position(line, start + len(expression)))


def lines_of(file: str) -> Lines:
    return split_lines(Path(file).read_text())


def noted(file: Path, *texts: str) -> Results:
    """Return the results of a finished run that reported these notes on one expression."""
    results = Results(file.parent, lines_of)
    for text in texts:
        results.report(file, NOTE, (place(file, "picked.sum()"), text))
    results.settle(file)
    return results


def test_a_note_is_shown_where_its_file_is(file: Path) -> None:
    results = noted(file, "a scalar")
    assert results.files() == {str(file)}
    assert [each.value[1] for each in results[file].of(NOTE)] == ["a scalar"]


def test_a_newer_note_supersedes_an_older_one_on_the_same_expression(file: Path) -> None:
    results = noted(file, "a scalar")
    results.report(file, NOTE, (place(file, "picked.sum()"), "a float"))
    results.report(file, NOTE, (place(file, "x[self.choice(x)]"), "a vector"))
    assert [each.value[1] for each in results[file].of(NOTE)] == ["a float", "a vector"]
    results.interrupt(file)
    assert [each.value[1] for each in results[file].of(NOTE)] == ["a float", "a vector"]


def test_a_note_moves_with_unsaved_edits(file: Path) -> None:
    [reported] = noted(file, "a scalar")[file].of(NOTE)

    def now(text: str) -> Note | None:
        found = reported.anchored.now(LineRemappings(lambda _: split_lines(text)))
        return found.value if found is not None else None

    longer = f"import torch\n{TEXT}".replace("return", "result =")
    assert now(longer) == (place(file, "picked.sum()", longer), "a scalar")
    assert now(TEXT.replace("sum", "mean")) is None


def test_a_note_is_remembered_and_moves_with_comments(file: Path) -> None:
    folder = file.parent
    question = Question(Check(0, str(folder), str(file)), Budget(4, 60.0), folder / "python")
    digests = {name: str(digest) for name, digest in disk.digests([str(file)]).items()}
    result = PastResult.of(noted(file, "a scalar")[file], digests, {}, complete=True)
    recall = Recall(folder / "cache", (*REPORTED_KINDS, NOTE))
    recall.note_host(question.interpreter, Ready(1, "python", "2.13", 1, True, 0.0))
    recall.keep(question, result, time.time())
    asyncio.run(recall.close())

    next_session = Recall(folder / "cache", (*REPORTED_KINDS, NOTE))
    found = asyncio.run(next_session.find(question))
    assert found is not None
    assert replace(found, tokens={}) == result
    restored = Results(folder, lines_of)
    restored.restore(file, found.restored())
    assert [each.value for each in restored[file].of(NOTE)] == [
        (place(file, "picked.sum()"), "a scalar")
    ]

    commented = TEXT.replace("    return ", "    # a comment\n    return  ")
    file.write_text(commented)
    found = asyncio.run(next_session.find(question))
    assert found is not None
    assert [each.value for each in found.restored().of(NOTE)] == [
        (place(file, "picked.sum()", commented), "a scalar")
    ]
    file.write_text(TEXT.replace("picked.sum()", "picked.sum( )"))
    assert asyncio.run(next_session.find(question)) is None
