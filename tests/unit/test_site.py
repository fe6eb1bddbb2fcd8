"""The site: its links, its pictures and its navigation, and that MkDocs builds it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from export_lsp.rules import RULES
from tests.generated_pages import DOCS, ROOT
from tests.site.hook import PLACES, REPOSITORY, with_heading, with_links

MKDOCS = ROOT / ".github" / "mkdocs.yml"


@pytest.mark.parametrize(
    ("source", "link", "expected"),
    [
        ("export_lsp/docs/rules.md", "../rules/timeout.md", "../rules/timeout.md"),
        ("export_lsp/docs/ci.md", "command-line.md#in-ci", "command-line.md#in-ci"),
        ("export_lsp/docs/settings.md", "../../editors/README.md#on", "../editors.md#on"),
        ("README.md", "export_lsp/docs/ci.md", "docs/ci.md"),
        ("editors/README.md", "../README.md#install", "index.md#install"),
        ("README.md", ".github/CONTRIBUTING.md", f"{REPOSITORY}/.github/CONTRIBUTING.md"),
        ("README.md", "https://example.org/a.md", "https://example.org/a.md"),
        ("README.md", "#install", "#install"),
    ],
)
def test_links_lead_to_the_site_or_to_the_repository(source: str, link: str, expected: str) -> None:
    assert with_links(f"see [this]({link}).", source) == f"see [this]({expected})."
    code = f"```text\n[this]({link})\n```\n"
    assert with_links(code, source) == code


def test_a_rule_has_a_heading_and_its_address() -> None:
    facts = {"severity": "error", "summary": "It fails.", "url": "https://example.org"}
    page = with_heading("Body.", "timeout", facts)
    assert page.startswith("# timeout\n\n*It fails.* Default severity: error.\n\nBody.\n")
    assert "https://example.org" in page


def test_pictures_of_the_pages_are_in_the_site() -> None:
    for source in [*DOCS.glob("*.md"), *(ROOT / path for path in PLACES if path.endswith(".md"))]:
        for link in re.findall(r"!\[[^\]]*\]\((?!https?:)([^)]+)\)", source.read_text("utf-8")):
            picture = (source.parent / link).resolve().relative_to(ROOT)
            assert picture.as_posix() in PLACES, f"{source}: {link}"


def test_the_navigation_has_every_page() -> None:
    listed = re.findall(r"docs/([\w-]+)\.md\b", MKDOCS.read_text("utf-8").partition("\nnav:")[2])
    assert sorted(listed) == sorted(page.stem for page in DOCS.glob("*.md"))


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("material", reason="the site's own tools are not here: see .ci/docs")
    command = ["mkdocs", "build", "--strict", "--config-file", str(MKDOCS), "--site-dir"]
    subprocess.run([sys.executable, "-m", *command, str(tmp_path)], check=True)
    assert {page.parent.name for page in (tmp_path / "rules").glob("*/index.html")} == RULES.keys()
