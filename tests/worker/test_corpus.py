"""Every file of the corpus has the stated findings and fixes, and no others.

Torch alone has to agree with the proof of every fix.  All of it is in one file, since a check of
the corpus and the trials of its fixes take minutes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from export_lsp import titles
from export_lsp.protocol import Finding
from tests.benchmarks.fixes import check_with_torch
from tests.checking import Checked, Worker
from tests.corpus_annotations import (
    CORPUS,
    differences,
    expected_in,
    read,
)
from tests.corpus_fixes import PAGES, FileFixes, data_dependent, find_fixes, page
from tests.corpus_versions import CORPUS_VERSIONS, installed
from tests.foreign_names import foreign_names
from tests.internal_terms import SIZES, messages, shown_texts, with_internals

FILES = sorted(CORPUS.rglob("*.py"))
PAGE_FILES = sorted(PAGES.glob("*.txt"))


@pytest.fixture(scope="module")
def offered() -> dict[Path, FileFixes]:
    """Return the findings and fixes of every file of the corpus that states a failure."""
    return find_fixes(file for file in FILES if expected_in(file))


@pytest.fixture(scope="module")
def rest(worker: Worker, offered: dict[Path, FileFixes]) -> dict[Path, Checked]:
    """Return the results of the other files."""
    return worker.check_all(file for file in FILES if file not in offered)


@pytest.fixture(scope="module")
def checked(offered: dict[Path, FileFixes], rest: dict[Path, Checked]) -> dict[Path, list[Finding]]:
    """Return the findings of every file of the corpus."""
    return {
        **{file: fixes.findings for file, fixes in offered.items()},
        **{file: result.findings for file, result in rest.items()},
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(CORPUS)))
def test_findings_are_as_stated(file: Path, checked: dict[Path, list[Finding]]) -> None:
    assert differences(file, checked[file]) == []


def test_a_third_are_controls() -> None:
    controls = [file for file in FILES if not expected_in(file, CORPUS_VERSIONS)]
    assert len(FILES) >= 60
    assert 3 * len(controls) >= len(FILES)


def test_messages_are_in_the_users_own_names(checked: dict[Path, list[Finding]]) -> None:
    texts = messages(finding for file in FILES for finding in checked[file])
    assert len(texts) > 100
    assert with_internals(texts) == []


def test_shapes_sizes_and_costs_are_in_the_users_own_names(
    offered: dict[Path, FileFixes], rest: dict[Path, Checked]
) -> None:
    texts = {text for each in offered.values() for text in each.shown}
    texts |= {
        text for each in rest.values() for event in each.events for text in shown_texts(event)
    }
    assert len(texts) > 500
    assert [text for text in texts if SIZES.search(text)] == []


def test_titles_fit_into_lists(checked: dict[Path, list[Finding]]) -> None:
    findings = [finding for found in checked.values() for finding in found]
    assert [f.title for f in findings if len(f.title) > titles.length_in(f.modes)] == []
    assert [f.title for f in findings if f.title.count("`") % 2] == []


def test_messages_name_nothing_that_their_readers_cannot_know(
    checked: dict[Path, list[Finding]],
) -> None:
    foreign = {
        text: names
        for file in FILES
        for finding in checked[file]
        for text in messages([finding])
        if (names := foreign_names(text, _texts_about(finding, file)))
    }
    assert foreign == {}


def _texts_about(finding: Finding, file: Path) -> str:
    library = Path(finding.library.file).read_text() if finding.library is not None else ""
    return read(file) + library


@pytest.mark.skipif(
    installed().torch != CORPUS_VERSIONS.torch, reason="the pages are for one torch version"
)
@pytest.mark.parametrize(
    "stated", [file for file in PAGE_FILES if file.stem != "without"], ids=lambda file: file.stem
)
def test_fixes_are_as_stated(stated: Path, offered: dict[Path, FileFixes]) -> None:
    """After an intended change, run `python -m tests.benchmarks.fixes --write`."""
    files = [fixes for file, fixes in offered.items() if file.parent.name == stated.stem]
    assert page(files).splitlines() == stated.read_text().splitlines()


@pytest.mark.long
def test_torch_alone_confirms_every_proof(offered: dict[Path, FileFixes]) -> None:
    found = check_with_torch(list(offered.values()))
    assert len(found) > 150
    contradicted = [each for each in found if each.contradiction]
    assert [(each.file.name, each.fix.title, each.contradiction) for each in contradicted] == []


def test_most_data_dependent_failures_are_offered_a_fix(offered: dict[Path, FileFixes]) -> None:
    count, possible, unknown = data_dependent(offered.values())
    assert unknown == [], "list these in tests/corpus/fixes/without.txt"
    assert count >= 0.9 * possible
