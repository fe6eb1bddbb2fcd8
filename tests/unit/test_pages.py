"""The pages are up to date, and the files and modules that they name exist."""

from __future__ import annotations

import importlib.resources
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from export_lsp.rules import RULES
from export_lsp.stages import STAGES
from tests.generated_pages import DOCS, README, REFERENCE, ROOT, TABLES, part

ARCHITECTURE = ROOT / "export_lsp" / "README.md"
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"
PAGES = [
    README,
    *sorted(DOCS.glob("*.md")),
    *sorted((ROOT / "editors").glob("*/README.md")),
    ROOT / ".github" / "SECURITY.md",
    ARCHITECTURE,
    CONTRIBUTING,
    ROOT / "editors" / "README.md",
    ROOT / "export_lsp" / "examples" / "README.md",
    ROOT / "tests" / "corpus" / "README.md",
]

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def prose(page: Path) -> str:
    """Return the text of a page without its code blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def headings(page: Path) -> set[str]:
    """Return the anchors of a page, as code hosts generate them."""
    titles = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def named(page: Path) -> Iterator[str]:
    """Return the code in backticks of a page."""
    return (code for code in re.findall(r"`([^`\n]+)`", prose(page)))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_up_to_date(name: str) -> None:
    assert part(DOCS / f"{name}.md", name) == TABLES[name](), "run: python -m tests.generated_pages"


@pytest.mark.parametrize("name", REFERENCE)
def test_a_reference_page_is_up_to_date(name: str) -> None:
    text = (DOCS / f"{name}.md").read_text("utf-8")
    assert text == REFERENCE[name](), "run: python -m tests.generated_pages"


@every_page
def test_the_targets_of_links_exist(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", prose(page)):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in headings(target), link


@every_page
def test_paths_in_backticks_exist(page: Path) -> None:
    """A path is relative to the page's folder, the package or the repository."""
    paths = {
        code
        for code in named(page)
        if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", code)
        and ("/" in code or code.endswith((".py", ".md")))
    }
    bases = (page.parent, ROOT / "export_lsp", ROOT)
    assert {path for path in paths if not any((base / path).exists() for base in bases)} == set()


@every_page
def test_modules_in_backticks_exist(page: Path) -> None:
    commands = re.findall(r"python -m ([\w.]+)", page.read_text("utf-8"))
    dotted = [code for code in named(page) if re.fullmatch(r"(tests|export_lsp)(\.\w+)+", code)]
    modules = {name for name in (*commands, *dotted) if not name.startswith(("pip", "venv"))}
    assert {name for name in modules if not _is_module(name)} == set()


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


@pytest.mark.parametrize("page", [ARCHITECTURE, CONTRIBUTING])
def test_names_of_modules_in_backticks_exist(page: Path) -> None:
    """Names such as `protocol.RuleCode` are a module of the package and a name that it defines."""
    package = ROOT / "export_lsp"
    tops = "|".join(file.stem for file in package.iterdir())
    for code in named(page):
        if dotted := re.fullmatch(rf"((?:{tops})(?:\.\w+)*)\.(?!md$|py$)(\w+)", code):
            file = package / f"{dotted[1].replace('.', '/')}.py"
            assert re.search(
                rf"^(class |def )?{dotted[2]}\b", file.read_text("utf-8"), re.MULTILINE
            )


def test_the_architecture_page_lists_every_folder() -> None:
    package = ROOT / "export_lsp"
    folders = {
        f"{file.parent.relative_to(package).as_posix()}/"
        for file in package.rglob("*")
        if file.suffix in (".py", ".md") and file.parent != package
    }
    rows = [line.split("|")[1] for line in prose(ARCHITECTURE).splitlines() if line[:3] == "| `"]
    listed = [folder for row in rows for folder in re.findall(r"`([^`]+/)`", row)]
    assert sorted(listed) == sorted(folders - {"worker/"})


def test_the_stages_are_listed_in_order() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", prose(DOCS / "checks.md"), re.MULTILINE)
    assert listed == list(STAGES)


def test_the_commands_of_the_readme_exist() -> None:
    commands = re.findall(r"^bash (\.ci/\w+)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert commands == [".ci/demo", ".ci/test"]
    assert all((ROOT / command).is_file() for command in commands)


def test_the_readme_names_every_page_that_is_printed() -> None:
    row = re.compile(
        r"^\| \[.+\]\(export_lsp/docs/([\w-]+)\.md\).* \| `([\w-]+)` \|$", re.MULTILINE
    )
    listed = row.findall(prose(README))
    assert {name for _, name in listed} == {page.stem for page in DOCS.glob("*.md")}
    assert all(file == name for file, name in listed)


def test_no_page_has_the_name_of_a_rule() -> None:
    assert not {page.stem for page in DOCS.glob("*.md")} & RULES.keys()


def test_pages_are_data_of_the_package() -> None:
    docs = importlib.resources.files("export_lsp") / "docs"
    assert {file.name for file in docs.iterdir()} == {page.name for page in DOCS.glob("*.md")}
    assert importlib.util.find_spec("export_lsp.docs.settings") is None


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.stem)
def test_a_page_begins_with_its_title(page: Path) -> None:
    assert re.match(r"# \S.*\n\n\S", page.read_text("utf-8"))
