"""Every fix that the corpus is offered is the one it states, and torch alone agrees with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.annotated import DEVELOPED, torch_version
from tests.benchmarks.fixes import judged
from tests.offered import PAGES, Mended, data_dependent, page

PAGE_FILES = sorted(PAGES.glob("*.txt"))


@pytest.mark.skipif(torch_version() != DEVELOPED, reason="the pages are written for one torch")
@pytest.mark.parametrize(
    "stated", [file for file in PAGE_FILES if file.stem != "without"], ids=lambda file: file.stem
)
def test_fixes_are_as_stated(stated: Path, offered: dict[Path, Mended]) -> None:
    """After a change that is meant: `python -m tests.benchmarks.fixes --write`."""
    files = [told for file, told in offered.items() if file.parent.name == stated.stem]
    assert page(files).splitlines() == stated.read_text().splitlines()


def test_torch_alone_contradicts_no_proof(offered: dict[Path, Mended]) -> None:
    found = judged(list(offered.values()))
    assert len(found) > 150
    contradicted = [each for each in found if each.contradiction]
    assert [(each.file.name, each.fix.title, each.contradiction) for each in contradicted] == []


def test_most_data_dependent_failures_are_mended(offered: dict[Path, Mended]) -> None:
    mended, possible, unknown = data_dependent(offered.values())
    assert unknown == [], "say in tests/corpus/fixes/without.txt whether there is a fix"
    assert mended >= 0.9 * possible
