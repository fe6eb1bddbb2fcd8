"""The parser of the corpus's annotations."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from export_lsp.protocol import MODES, Finding, Location, Mode, Position, RuleCode
from tests import corpus_versions
from tests.corpus_annotations import CORPUS, Expected, differences, expected_in
from tests.corpus_versions import CORPUS_VERSIONS, Versions, changes_in

TEXT = """\
#~v load-error `import x`
import x
y = f(x)  #~ graph-break (strict) [torch>2.6] `f(x)`: words, more  #~ timeout [torch<=2.6] `f(x)`
z = g(y)  #~ graph-break [torch>=2.9 python>=3.11] `g(y)`  #~ invalid-input [torch<2.14] `y`
"""
NEWEST = (3, 14)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "m.py"
    path.write_text(TEXT)
    return path


def test_all_parts_of_an_annotation(file: Path) -> None:
    first, second, *_ = expected_in(file, Versions((2, 13), NEWEST))
    assert first == Expected("load-error", 1, "import x", None, "")
    assert second == Expected("graph-break", 2, "f(x)", "strict", "words, more")


@pytest.mark.parametrize(
    ("versions", "rules"),
    [
        (Versions((2, 6), NEWEST), ["load-error", "timeout", "invalid-input"]),
        (Versions((2, 7), NEWEST), ["load-error", "graph-break", "invalid-input"]),
        (Versions((2, 9), NEWEST), ["load-error", "graph-break", "graph-break", "invalid-input"]),
        (Versions((2, 9), (3, 10)), ["load-error", "graph-break", "invalid-input"]),
        (Versions((2, 14), NEWEST), ["load-error", "graph-break", "graph-break"]),
    ],
)
def test_annotations_for_versions(file: Path, versions: Versions, rules: list[str]) -> None:
    assert [expected.rule for expected in expected_in(file, versions)] == rules


def test_every_annotation_of_the_corpus_is_read() -> None:
    """A misspelt annotation would make its file a control."""
    for path in CORPUS.rglob("*.py"):
        written = path.read_bytes().count(b"#~")
        versions = [Versions((2, minor), NEWEST) for minor in (6, 9, 13, 99)]
        read = {item for version in versions for item in expected_in(path, version)}
        assert len(read) >= min(written, 1), path


LINES = """\
a = f(x) + g(x)  #~ graph-break `f(x)` #~ graph-break (strict) `g(x)`: words
b = h(x)  #~ timeout (strict) `h(x)`
"""


def found(path: Path, line: int, columns: tuple[int, int], modes: tuple[Mode, ...]) -> Finding:
    location = Location(str(path), *(Position(line, column) for column in columns))
    rule: RuleCode = "timeout" if line else "graph-break"
    return Finding(rule, "capture", modes, "", location, "with words")


def test_ranges_are_compared_where_frames_have_columns(file: Path) -> None:
    file.write_text(LINES)
    exact = [
        found(file, 0, (4, 8), MODES),
        found(file, 0, (11, 15), ("strict",)),
        found(file, 1, (4, 8), ("strict",)),
    ]
    lines = [found(file, 0, (4, 15), MODES), found(file, 1, (0, 8), ("strict",))]
    with_columns, without = Versions((2, 13), (3, 11)), Versions((2, 13), (3, 10))
    assert differences(file, exact, with_columns) == []
    assert differences(file, exact, without) == []
    assert len(differences(file, lines, with_columns)) == 5
    assert differences(file, lines, without) == []


def test_without_columns_lines_modes_and_rules_are_compared(file: Path) -> None:
    file.write_text(LINES)
    without = Versions((2, 13), (3, 10))
    first, second = found(file, 0, (4, 15), MODES), found(file, 1, (0, 8), ("strict",))
    one_mode = replace(first, modes=("strict",))
    both_modes = replace(second, modes=MODES)
    assert differences(file, [one_mode, second], without) == ["missing 1: graph-break `f(x)`"]
    assert len(differences(file, [first, both_modes], without)) == 1
    assert len(differences(file, [first, replace(second, rule="graph-break")], without)) == 2
    assert len(differences(file, [first], without)) == 1


def test_a_table_says_what_other_versions_find(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    file.write_text(LINES)
    table = file.with_name("table.txt")
    table.write_text(
        "# a comment\ntorch<=2.6: why\n    m.py: -1 graph-break (strict), +2 graph-break\n"
    )
    monkeypatch.setattr(corpus_versions, "TABLE", table)
    uncached = corpus_versions._table_lines.__wrapped__
    monkeypatch.setattr(corpus_versions, "_table_lines", uncached)
    older = Versions((2, 6), (3, 11))
    first, second = found(file, 0, (4, 8), ("non-strict",)), found(file, 1, (4, 8), ("strict",))
    also = replace(second, rule="graph-break", modes=MODES)
    assert differences(file, [first, second, also], older) == []
    assert len(differences(file, [first, second, also], Versions((2, 13), (3, 11)))) == 4
    table.write_text("torch<=2.6: why\n    m.py: 2 graph-break\n")
    with pytest.raises(ValueError, match="no change in m"):
        differences(file, [], older)


def test_the_table_names_files_and_lines_of_the_corpus() -> None:
    for conditions, name, _ in corpus_versions._table_lines():
        assert (CORPUS / name).is_file(), name
        CORPUS_VERSIONS.meet(conditions)
        for change in changes_in(CORPUS / name, Versions((2, 6), (3, 10))):
            lines = (CORPUS / name).read_text().splitlines()
            assert change.line < len(lines)
            assert change.added or f"#~ {change.rule}" in lines[change.line], (name, change)
