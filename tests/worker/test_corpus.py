"""Every file of the corpus gets the findings that its comments state, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.annotated import CORPUS, DEVELOPED, differences, expected_in
from tests.checking import Checked, Worker

# What only a compiler's developers know.
INTERNAL = re.compile(
    r" at 0x|\bz?u?[usf]\d+\b|L\['|Variable\(|site-packages|flat_args|TreeSpec|<class|<function"
)

FILES = sorted(CORPUS.rglob("*.py"))


@pytest.fixture(scope="module")
def checked(worker: Worker) -> dict[Path, Checked]:
    return worker.check_all(FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(CORPUS)))
def test_findings_are_as_stated(file: Path, checked: dict[Path, Checked]) -> None:
    assert differences(file, checked[file].findings) == []


def test_a_third_are_controls() -> None:
    controls = [file for file in FILES if not expected_in(file, DEVELOPED)]
    assert len(FILES) >= 60
    assert 3 * len(controls) >= len(FILES)


def test_messages_are_in_the_users_own_names(checked: dict[Path, Checked]) -> None:
    messages = {
        text
        for file in FILES
        for finding in checked[file].findings
        for text in (finding.message, *(related.message for related in finding.related))
    }
    assert len(messages) > 100
    assert [text for text in messages if INTERNAL.search(text) or "\n" in text] == []
