"""The documents open in the editor: their current text, and the text on disk."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

from export_lsp.engine.files import disk
from export_lsp.server.editor.encodings import Encoding, from_client
from export_lsp.source import split_lines

POSIX = os.name == "posix"
# The limits of Linux, in bytes; other systems allow no longer names.
PATH_LIMIT = 4096
NAME_LIMIT = 255


@dataclass
class Document:
    """One open file; `lines` have their line ends, so joined they are the text."""

    uri: str
    path: Path
    version: int
    lines: list[str]

    def change(self, change: types.TextDocumentContentChangeEvent, encoding: Encoding) -> None:
        """Apply one content change of ``textDocument/didChange``."""
        if not isinstance(change, types.TextDocumentContentChangePartial):
            self.lines = split_lines(change.text)
            return
        start = from_client(self.lines, change.range.start, encoding)
        end = from_client(self.lines, change.range.end, encoding)
        first, last = start.line, end.line
        before = self.lines[first][: start.character]
        # A carriage return at the end of the line above may form one line end with the new text.
        if not before and first > 0 and self.lines[first - 1].endswith("\r"):
            first -= 1
            before = self.lines[first]
        replaced = split_lines(before + change.text + self.lines[last][end.character :])
        if replaced[-1] == "" and last + 1 < len(self.lines):
            replaced.pop()
        self.lines[first : last + 1] = replaced


class Documents:
    """All open documents, by path; a path through a link finds the document of its target."""

    def __init__(self) -> None:
        self.encoding: Encoding = "utf-16"
        self._open: dict[Path, Document] = {}
        self._real: dict[str, Path] = {}

    def __iter__(self) -> Iterator[Document]:
        return iter(list(self._open.values()))

    def open(self, item: types.TextDocumentItem) -> Document | None:
        """Add a document (``textDocument/didOpen``); return None if it is not a file."""
        path = path_of(item.uri)
        if path is None:
            return None
        document = Document(item.uri, path, item.version, split_lines(item.text))
        self._open[path] = document
        self._real[os.path.realpath(path)] = path
        return document

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Apply ``textDocument/didChange``; ignore a document that is not open."""
        document = self.get(path_of(params.text_document.uri))
        if document is None:
            return
        for change in params.content_changes:
            document.change(change, self.encoding)
        document.version = params.text_document.version

    def close(self, uri: str) -> Path | None:
        """Remove a document and return its path, None if it was not open."""
        path = path_of(uri)
        if path is None or self._open.pop(path, None) is None:
            return None
        self._real = {real: link for real, link in self._real.items() if link != path}
        return path

    def get(self, path: Path | None) -> Document | None:
        """Return the open document of a path, None if there is none."""
        if path is None:
            return None
        if path not in self._open and (link := self._real.get(os.path.realpath(path))):
            path = link
        return self._open.get(path)

    def lines_on_disk(self, file: str) -> list[str]:
        """Return the lines of a file on disk, or the editor's if it cannot be read any more.

        The two differ even without an edit: after a restart VS Code opens a file with its unsaved
        changes.
        """
        found = disk.lines(file)
        if found is not None:
            return found
        document = self.get(Path(file))
        return list(document.lines) if document is not None else [""]

    def uri_of(self, file: str) -> str:
        """Return the URI that the client knows a file by."""
        document = self.get(Path(file))
        if document is not None:
            return document.uri
        try:
            return from_fs_path(file) or Path(file).as_uri()
        except UnicodeEncodeError:  # the name is not UTF-8
            return Path(file).as_uri()


def path_of(uri: str) -> Path | None:
    """Return the path of a ``file:`` URI, None for any other and for an impossible path."""
    if not uri.startswith("file:"):
        return None
    try:
        path = to_fs_path(uri)
        if path is not None and "\ufffd" in path:
            # Perhaps bytes that are not UTF-8, which pygls decodes to replacement characters.
            path = os.fsdecode(unquote_to_bytes(urlsplit(uri).path)) if POSIX else path
        if not path or not os.path.isabs(path) or not _possible(os.fsencode(path)):
            return None
    # An invalid host, or characters that no file name can contain.
    except ValueError:
        return None
    return Path(os.path.normpath(path))


def _possible(path: bytes) -> bool:
    """Return whether a file could have this path; system calls raise anything for others."""
    longest = max(map(len, re.split(rb"[/\\]", path)))
    return b"\0" not in path and len(path) < PATH_LIMIT and longest <= NAME_LIMIT
