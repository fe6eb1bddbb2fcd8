"""The parser of the corpus's annotations."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus_annotations import CORPUS, Expected, expected_in

TEXT = """\
#~v load-error `import x`
import x
y = f(x)  #~ graph-break (strict) [torch>2.6] `f(x)`: words, more  #~ timeout [torch<=2.6] `f(x)`
z = g(y)  #~ graph-break [torch>=2.9] `g(y)`  #~ invalid-input [torch<2.14] `y`
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "m.py"
    path.write_text(TEXT)
    return path


def test_all_parts_of_an_annotation(file: Path) -> None:
    first, second, *_ = expected_in(file, (2, 13))
    assert first == Expected("load-error", 1, "import x", None, "")
    assert second == Expected("graph-break", 2, "f(x)", "strict", "words, more")


@pytest.mark.parametrize(
    ("torch", "rules"),
    [
        ((2, 6), ["load-error", "timeout", "invalid-input"]),
        ((2, 7), ["load-error", "graph-break", "invalid-input"]),
        ((2, 9), ["load-error", "graph-break", "graph-break", "invalid-input"]),
        ((2, 14), ["load-error", "graph-break", "graph-break"]),
    ],
)
def test_annotations_for_versions(file: Path, torch: tuple[int, int], rules: list[str]) -> None:
    assert [expected.rule for expected in expected_in(file, torch)] == rules


def test_every_annotation_of_the_corpus_is_read() -> None:
    """A misspelt annotation would make its file a control."""
    for path in CORPUS.rglob("*.py"):
        written = path.read_bytes().count(b"#~")
        versions = [(2, 6), (2, 13), (2, 99)]
        read = {item for version in versions for item in expected_in(path, version)}
        assert len(read) >= min(written, 1), path
