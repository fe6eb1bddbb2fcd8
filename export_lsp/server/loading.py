"""The files of a check, as it has read them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from export_lsp.source import Source


class Loading(Mapping[str, Source]):
    """The sources by path; `digests` says what the check has read, so far.

    A file that says something else by now is not among them.
    """

    def __init__(self) -> None:
        self.digests: dict[str, str] = {}
        self._read: dict[str, Source] = {}

    def __getitem__(self, file: str) -> Source:
        source = self._read.get(file)
        if source is None or source.digest != self.digests.get(file):
            with contextlib.suppress(OSError, SyntaxError, UnicodeDecodeError):
                self._read[file] = Source.of(file, Path(file).read_bytes())
            source = self._read.get(file)
        if source is None or source.digest != self.digests.get(file):
            raise KeyError(file)
        return source

    def __iter__(self) -> Iterator[str]:
        return iter(self.digests)

    def __len__(self) -> int:
        return len(self.digests)
