"""The problems of a file, their diagnostics, and when these are published."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from lsprotocol import types

from export_lsp.engine.results.kinds import FINDING
from export_lsp.engine.results.store import Results
from export_lsp.engine.scheduling.slots import Slots
from export_lsp.findings import Problem
from export_lsp.protocol import Finding, Location, Position, Related, RuleCode
from export_lsp.safe_text import for_editor
from export_lsp.server.editor.client import Client, Supports
from export_lsp.server.editor.documents import Documents
from export_lsp.server.editor.encodings import Encoding
from export_lsp.server.editor.publisher import QUICK, Publisher
from export_lsp.server.features.diagnostics import DETAIL_LIMIT, to_diagnostic
from export_lsp.server.graphs import Graphs
from export_lsp.server.problems import problems_in
from export_lsp.server.view import View
from export_lsp.settings import Settings
from export_lsp.source import split_lines

TEXT = "import torch\n漢字 = '🔥'; y = f(x)\nz = y\n"
ALL = Supports(related=True, code_description=True, data=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "m.py"
    path.write_text(TEXT, encoding="utf-8")
    return path


def place(file: Path, text: str, source: str = TEXT) -> Location:
    line = next(n for n, content in enumerate(split_lines(source)) if text in content)
    column = split_lines(source)[line].index(text)
    return Location(str(file), Position(line, column), Position(line, column + len(text)))


def problem(file: Path) -> Problem:
    return Problem(
        rule="graph-break",
        severity="warning",
        stage="capture",
        modes=("strict",),
        targets=("m.py::m",),
        location=place(file, "f(x)"),
        title="a \x1b[31mred\x1b[0m\x00 word",
        explanation="and more",
        related=(Related(place(file, "y\n"[:1], TEXT), "made\x07 here"),),
        detail="d" * (DETAIL_LIMIT + 1),
        url="https://example.org/gb",
        data={"gb": "GB0001"},
    )


def diagnostic(
    file: Path, *, encoding: Encoding = "utf-16", supports: Supports = ALL
) -> types.Diagnostic:
    client, documents = Recorder(), Documents()
    client.supports, documents.encoding = supports, encoding
    view = View(client, documents, {}, Graphs({}, documents, Slots(1)))
    return to_diagnostic(
        problem(file), range_of=view.range, uri_of=documents.uri_of, supports=supports
    )


def test_a_client_gets_every_part_that_it_supports(file: Path) -> None:
    found = diagnostic(file)
    assert found.message == "a red word\nand more"
    assert (found.code, found.source) == ("graph-break", "export-lsp")
    assert found.severity is types.DiagnosticSeverity.Warning
    assert found.code_description == types.CodeDescription("https://example.org/gb")
    assert found.data is not None
    assert found.data["gb"] == "GB0001"
    assert found.data["modes"] == ["strict"]
    assert found.data["targets"] == ["m.py::m"]
    assert len(found.data["detail"]) == DETAIL_LIMIT
    assert found.related_information is not None
    (related,) = found.related_information
    assert related.message == "made here"
    assert related.location.uri == file.as_uri()


def test_unsupported_parts_are_left_out(file: Path) -> None:
    found = diagnostic(file, supports=Supports())
    assert found.related_information is None
    assert found.code_description is None
    assert found.data is None


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 21), ("utf-16", 15), ("utf-32", 14)])
def test_columns(file: Path, encoding: Encoding, column: int) -> None:
    found = diagnostic(file, encoding=encoding)
    start, end = types.Position(1, column), types.Position(1, column + 4)
    assert found.range == types.Range(start, end)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\x0b\x9fb", "ab"),
        ("\x1b[1;31mx\x1b[0m", "x"),
        ("\x1b]0;title\x07x\x1b]8;;https://a.b\x1b\\y", "xy"),
        ("a\u202eb\u200b", "a\\u202eb\\u200b"),
    ],
)
def test_text_for_an_editor_has_no_control_sequences(text: str, shown: str) -> None:
    assert for_editor(text) == shown


class Folder:
    """The results of one folder, and its open documents."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.documents = Documents()
        self.results = Results(path, self.documents.lines_on_disk)
        self.settings = Settings()

    def open(self, file: Path) -> None:
        item = types.TextDocumentItem(
            file.as_uri(), types.LanguageKind.Python, 1, file.read_text(encoding="utf-8")
        )
        self.documents.open(item)

    def edit(self, file: Path, text: str) -> None:
        identifier = types.VersionedTextDocumentIdentifier(2, file.as_uri())
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self.documents.change(types.DidChangeTextDocumentParams(identifier, [whole]))

    def found(
        self,
        owner: Path,
        location: Location,
        rule: RuleCode = "graph-break",
        *,
        early: bool = False,
    ) -> None:
        related = (Related(place(Path(location.file), "z"), "later"),)
        finding = Finding(
            rule, "capture", ("non-strict",), "m", location, "it fails", related=related
        )
        self.results.add(owner, finding, early=early)

    def problems(self, file: Path) -> list[Problem]:
        shown = problems_in(str(file), [self.results], self.documents, self.settings)
        return [each.problem for each in shown]


def test_problems_move_with_the_text(file: Path) -> None:
    folder = Folder(file.parent)
    folder.open(file)
    folder.found(file, place(file, "f(x)"))
    folder.edit(file, "# one\n" + TEXT.replace("z = y", "w = y"))
    (found,) = folder.problems(file)
    assert found.location.start == Position(2, 14)
    assert found.related == ()
    folder.edit(file, TEXT.replace("f(x)", "f(xs)"))
    assert folder.problems(file) == []


def test_a_finding_is_shown_while_its_file_or_its_owner_is_open(file: Path) -> None:
    owner = file.with_name("owner.py")
    owner.write_text("import m\n")
    folder = Folder(file.parent)
    folder.found(owner, place(file, "f(x)"))
    assert folder.problems(file) == []
    folder.open(owner)
    assert len(folder.problems(file)) == 1
    folder.documents.close(owner.as_uri())
    assert folder.problems(file) == []
    folder.open(file)
    assert len(folder.problems(file)) == 1


def test_two_owners_and_one_place_are_one_problem(file: Path) -> None:
    folder = Folder(file.parent)
    folder.open(file)
    for name in ("a.py", "sub/b.py"):
        folder.found(file.parent / name, place(file, "f(x)"))
    (found,) = folder.problems(file)
    assert found.targets == ("a.py::m", "sub/b.py::m")
    folder.settings = replace(folder.settings, severities={"graph-break": "off"})
    assert folder.problems(file) == []


def test_the_no_target_hint_is_hidden_if_another_target_uses_the_file(file: Path) -> None:
    folder = Folder(file.parent)
    folder.open(file)
    folder.found(file, place(file, "f(x)"), "no-target")
    assert [p.rule for p in folder.problems(file)] == ["no-target"]
    result = folder.results[file.with_name("owner.py")]
    result.loaded = {str(file): ""}
    assert [p.rule for p in folder.problems(file)] == ["no-target"]
    result.targets = ("m",)
    assert folder.problems(file) == []


def test_an_early_finding_stands_until_the_check_has_ended(file: Path) -> None:
    folder = Folder(file.parent)
    folder.open(file)
    folder.found(file, place(file, "f(x)"), "data-dependent-guard")
    folder.results.settle(file)
    folder.found(file, place(file, "f(x)"), "graph-break", early=True)
    assert {p.rule for p in folder.problems(file)} == {"data-dependent-guard", "graph-break"}
    folder.found(file, place(file, "f(x)"), "graph-break")
    assert len(folder.results[file].of(FINDING)) == 2
    folder.results.settle(file)
    assert [p.rule for p in folder.problems(file)] == ["graph-break"]
    folder.found(file, place(file, "z"), early=True)
    folder.results.settle(file)
    assert folder.problems(file) == []


class Recorder(Client):
    """A client that records the diagnostics published to it."""

    def __init__(self) -> None:
        self.supports = Supports(versions=True)
        self.published: list[tuple[str, int, int | None]] = []

    def publish(
        self, uri: str, diagnostics: Sequence[types.Diagnostic], version: int | None
    ) -> None:
        self.published.append((uri.rpartition("/")[2], len(diagnostics), version))


async def test_only_changed_files_are_published(file: Path) -> None:
    folder = Folder(file.parent)
    folder.open(file)
    client = Recorder()
    start = types.Position(0, 0)
    one = types.Diagnostic(types.Range(start, start), "x")
    now: list[types.Diagnostic] = []
    publisher = Publisher(client, folder.documents, lambda name: now if name == str(file) else [])

    async def changed() -> list[tuple[str, int, int | None]]:
        client.published.clear()
        publisher.changed([str(file), "/other.py"])
        publisher.changed([str(file)])
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return list(client.published)

    assert await changed() == []
    now.append(one)
    assert await changed() == [("m.py", 1, 1)]
    assert await changed() == []
    folder.edit(file, TEXT + "\n")
    assert await changed() == [("m.py", 1, 2)]
    now.clear()
    assert await changed() == [("m.py", 0, 2)]
    assert await changed() == []


async def test_many_findings_are_published_in_batches(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a slow publication, changes wait until the check has ended."""
    loop, taken = asyncio.get_running_loop(), 0.0
    clock = loop.time
    monkeypatch.setattr(loop, "time", lambda: clock() + taken)
    folder = Folder(file.parent)
    client = Recorder()
    found: list[types.Diagnostic] = []
    start = types.Position(0, 0)

    def slowly(file: str) -> list[types.Diagnostic]:
        nonlocal taken
        taken += 2 * QUICK
        return list(found)

    publisher = Publisher(client, folder.documents, slowly)
    for number in range(20):
        found.append(types.Diagnostic(types.Range(start, start), str(number)))
        publisher.changed([str(file)])
        await asyncio.sleep(0)
    assert [count for _, count, _ in client.published] == [1]
    publisher.hurry()
    await asyncio.sleep(0)
    assert client.published[-1][1] == 20
