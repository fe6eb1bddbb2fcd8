"""Pushes the diagnostics of files when they have changed (LSP 3.17, Publish Diagnostics)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types

from export_lsp import ignores
from export_lsp.server.editor.client import Client
from export_lsp.server.editor.documents import Documents

# A check may report thousands of findings, one after the other, and each time all diagnostics of a
# file are sent.  Sending that takes longer than QUICK, in seconds, is followed by a pause of PAUSE
# times as long.
QUICK = 0.01
PAUSE = 4


class Publisher:
    """Sends the diagnostics of files that may have changed, once in a turn of the event loop.

    `diagnostics` computes those of a file.  A file is skipped if neither they nor the document's
    version have changed since they were sent.
    """

    def __init__(
        self,
        client: Client,
        documents: Documents,
        diagnostics: Callable[[str], Sequence[types.Diagnostic]],
    ) -> None:
        self._client = client
        self._documents = documents
        self._diagnostics = diagnostics
        self._sent: dict[str, tuple[list[types.Diagnostic], int | None]] = {}
        self._changed: set[str] = set()
        self._edited: set[str] = set()
        self._not_before = 0.0

    def changed(self, files: Iterable[str]) -> None:
        """Publish these files soon: their diagnostics may have changed."""
        self._note(self._changed, files)

    def edited(self, files: Iterable[str]) -> None:
        """Publish these files soon if an edit has hidden or restored a diagnostic.

        If it has only moved some, the client has moved them with the text itself.
        """
        self._note(self._edited, files)

    def _note(self, noted: set[str], files: Iterable[str]) -> None:
        due = bool(self._changed or self._edited)
        noted.update(files)
        if noted and not due:
            loop = asyncio.get_running_loop()
            if loop.time() < self._not_before:
                loop.call_at(self._not_before, self._flush)
            else:
                loop.call_soon(self._flush)

    def hurry(self) -> None:
        """End the pause if a file is waiting: a check has ended."""
        if self._changed or self._edited:
            asyncio.get_running_loop().call_soon(self._flush)

    def all_changed(self) -> None:
        """Publish every open file, and every file with published diagnostics, soon."""
        self.changed({*self._sent, *(str(document.path) for document in self._documents)})

    def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        self._send()
        took = loop.time() - started
        self._not_before = loop.time() + PAUSE * took if took > QUICK else 0.0

    def _send(self) -> None:
        changed, edited = self._changed, self._edited
        self._changed, self._edited = set(), set()
        for file in sorted(changed | edited):
            document = self._documents.get(Path(file))
            version = document.version if document is not None else None
            new = list(self._diagnostics(file))
            old, sent_version = self._sent.get(file, ([], None))
            if file not in changed:
                new = _without_news(new, old)
                if list(map(_what, new)) == list(map(_what, old)):
                    continue
            if new == old and (version == sent_version or not new):
                continue
            self._client.publish(self._documents.uri_of(file), new, version)
            if new:
                self._sent[file] = new, version
            else:
                del self._sent[file]


def _what(diagnostic: types.Diagnostic) -> tuple[Any, ...]:
    """A diagnostic without its place."""
    return diagnostic.code, diagnostic.severity, diagnostic.message


def _without_news(
    new: Iterable[types.Diagnostic], old: Iterable[types.Diagnostic]
) -> list[types.Diagnostic]:
    """Leave out what an edit has brought about: a comment is not criticized while it is typed."""
    known = {_what(each) for each in old}
    return [each for each in new if each.code != ignores.RULE or _what(each) in known]
