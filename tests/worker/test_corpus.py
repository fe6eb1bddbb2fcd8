"""Every file of the corpus gets the findings that its comments state, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from export_lsp.protocol import Finding
from tests.annotated import CORPUS, DEVELOPED, differences, expected_in
from tests.checking import Worker
from tests.offered import Mended

# What only a compiler's developers know.
INTERNAL = re.compile(
    r" at 0x|\bz?u?[usf]\d+\b|L\['|Variable\(|site-packages|flat_args|TreeSpec|<class|<function"
)

FILES = sorted(CORPUS.rglob("*.py"))


@pytest.fixture(scope="module")
def checked(worker: Worker, offered: dict[Path, Mended]) -> dict[Path, list[Finding]]:
    """The findings of every file."""
    rest = worker.check_all(file for file in FILES if file not in offered)
    return {
        **{file: told.findings for file, told in offered.items()},
        **{file: said.findings for file, said in rest.items()},
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(CORPUS)))
def test_findings_are_as_stated(file: Path, checked: dict[Path, list[Finding]]) -> None:
    assert differences(file, checked[file]) == []


def test_a_third_are_controls() -> None:
    controls = [file for file in FILES if not expected_in(file, DEVELOPED)]
    assert len(FILES) >= 60
    assert 3 * len(controls) >= len(FILES)


def test_messages_are_in_the_users_own_names(checked: dict[Path, list[Finding]]) -> None:
    messages = {
        text
        for file in FILES
        for finding in checked[file]
        for text in (finding.message, *(related.message for related in finding.related))
    }
    assert len(messages) > 100
    assert [text for text in messages if INTERNAL.search(text) or "\n" in text] == []
