"""The README says what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.readme_parts import README, TABLES, part

ROOT = README.parent


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_up_to_date(name: str) -> None:
    text = README.read_text(encoding="utf-8")
    assert part(text, name) == TABLES[name](), "run: python -m tests.readme_parts"


@pytest.mark.parametrize("page", [README, ROOT / "export_lsp" / "README.md"])
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_its_commands_exist() -> None:
    commands = re.findall(r"^bash (\.ci/\w+)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert commands == [".ci/demo", ".ci/test"]
    assert all((ROOT / command).is_file() for command in commands)
