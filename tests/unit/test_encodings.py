"""Lines and columns as LSP counts them, and documents that apply a client's edits."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from export_lsp.protocol import Position
from export_lsp.server.editor.documents import Document, Documents
from export_lsp.server.editor.encodings import (
    Encoding,
    from_client,
    to_character,
    to_client,
    to_units,
)
from export_lsp.source import split_lines

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
TEXTS = st.text(alphabet="ab\r\n\x0c\u2028é漢🔥", max_size=30)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a\n", ""]),
        ("a\r\nb\rc\nd", ["a\r\n", "b\r", "c\n", "d"]),
        ("a\x0cb\u2028c\x85d\x1ce\n", ["a\x0cb\u2028c\x85d\x1ce\n", ""]),
        ("\n\r\n\r", ["\n", "\r\n", "\r", ""]),
    ],
)
def test_lines_end_where_lsp_says(text: str, lines: list[str]) -> None:
    assert split_lines(text) == lines


@pytest.mark.parametrize(
    ("encoding", "column"), [("utf-8", 4 + 3 + 2), ("utf-16", 2 + 1 + 1), ("utf-32", 3)]
)
def test_columns(encoding: Encoding, column: int) -> None:
    line = "🔥漢é = x"
    assert to_units(line, 3, encoding) == column
    assert to_character(line, column, encoding) == 3
    assert to_units(line, 99, encoding) == to_units(line, len(line), encoding)
    assert to_character(line, 99, encoding) == len(line)


def test_a_column_inside_a_character_is_its_start() -> None:
    assert to_character("a🔥b", 2, "utf-16") == 1
    assert to_character("a🔥b", 3, "utf-8") == 1


def test_lone_surrogates_have_columns() -> None:
    assert to_units("\ud800x", 2, "utf-16") == 2
    assert to_units("\ud800x", 2, "utf-8") == 4


def test_positions_past_the_end() -> None:
    lines = split_lines("ab\r\ncd")
    assert to_client(lines, Position(0, 9), "utf-16") == types.Position(0, 2)
    assert to_client(lines, Position(7, 0), "utf-16") == types.Position(1, 2)
    assert from_client(lines, types.Position(7, 3), "utf-16") == Position(1, 2)
    assert from_client(lines, types.Position(0, 3), "utf-16") == Position(0, 2)


@given(st.text(max_size=20), st.integers(0, 20), st.sampled_from(ENCODINGS))
def test_columns_there_and_back(line: str, character: int, encoding: Encoding) -> None:
    column = min(character, len(line))
    assert to_character(line, to_units(line, column, encoding), encoding) == column


def offset(text: str, position: Position) -> int:
    return sum(len(line) for line in split_lines(text)[: position.line]) + position.character


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=4), st.integers(), st.sampled_from(ENCODINGS))
def test_edits_give_the_clients_text(
    text: str, inserted: list[str], seed: int, encoding: Encoding
) -> None:
    choose = random.Random(seed)
    document = Document("file:///m.py", Path("/m.py"), 1, split_lines(text))
    for new in inserted:
        lines = split_lines(text)
        ends = []
        for _ in range(2):
            line = choose.randrange(len(lines))
            ends.append(Position(line, choose.randint(0, len(lines[line].rstrip("\r\n")))))
        start, end = sorted(ends)
        change = types.TextDocumentContentChangePartial(
            types.Range(to_client(lines, start, encoding), to_client(lines, end, encoding)), new
        )
        document.change(change, encoding)
        text = text[: offset(text, start)] + new + text[offset(text, end) :]
        assert "".join(document.lines) == text
        assert document.lines == split_lines(text)


@pytest.mark.parametrize(
    ("text", "line", "new"), [("a\rb", 1, "\n"), ("a\n\rb", 2, "\nx"), ("a\r", 1, "\n\n")]
)
def test_a_line_feed_after_a_carriage_return_makes_one_end(text: str, line: int, new: str) -> None:
    document = Document("file:///m.py", Path("/m.py"), 1, split_lines(text))
    start = types.Position(line, 0)
    change = types.TextDocumentContentChangePartial(types.Range(start, start), new)
    document.change(change, "utf-16")
    assert document.lines == split_lines("".join(document.lines))


def item(path: Path, text: str, version: int = 1) -> types.TextDocumentItem:
    return types.TextDocumentItem(path.as_uri(), types.LanguageKind.Python, version, text)


def test_lines_on_disk_ignore_unsaved_edits(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text("one\ntwo\n")
    documents = Documents()
    opened = documents.open(item(path, "one\nunsaved\n"))
    assert opened is not None
    documents.change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(5, path.as_uri()),
            [types.TextDocumentContentChangeWholeDocument("three\n")],
        )
    )
    assert (opened.lines, opened.version) == (["three\n", ""], 5)
    assert documents.lines_on_disk(str(path)) == ["one\n", "two\n", ""]
    path.unlink()
    assert documents.lines_on_disk(str(path)) == ["three\n", ""]
    assert documents.close(path.as_uri()) == path
    assert documents.lines_on_disk(str(path)) == [""]


def test_a_file_is_found_through_a_link(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "m.py").write_text("x\n")
    (tmp_path / "link").symlink_to(real)
    documents = Documents()
    uri = (tmp_path / "link" / "m.py").as_uri()
    documents.open(types.TextDocumentItem(uri, types.LanguageKind.Python, 1, "x\n"))
    assert documents.uri_of(str(real / "m.py")) == uri


def test_only_files_are_documents() -> None:
    documents = Documents()
    untitled = types.TextDocumentItem("untitled:Untitled-1", types.LanguageKind.Python, 1, "")
    assert documents.open(untitled) is None
    assert documents.close("untitled:Untitled-1") is None
