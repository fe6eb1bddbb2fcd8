"""The source texts of a check's files, as the check has read them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from export_lsp import regular_files
from export_lsp.source import Source, encoded


class CheckedSources(Mapping[str, Source]):
    """Maps the path of each file that a check has read to its source.

    A file whose content differs from what the check has read, because it has changed since or
    cannot be read, raises `KeyError`.

    Args:
        texts: The texts that the check read in place of files on disk (`Check.texts`).

    Attributes:
        digests: The digests of the files that the check has read so far; to be kept up to date.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.digests: dict[str, str] = {}
        self._texts = texts
        self._read: dict[str, Source] = {}

    def __getitem__(self, file: str) -> Source:
        source = self._read.get(file)
        if source is None or source.digest != self.digests.get(file):
            with contextlib.suppress(OSError, SyntaxError, UnicodeDecodeError):
                self._read[file] = Source.of(file, self._data(file))
            source = self._read.get(file)
        if source is None or source.digest != self.digests.get(file):
            raise KeyError(file)
        return source

    def _data(self, file: str) -> bytes:
        text = self._texts.get(file)
        return regular_files.read(file) if text is None else encoded(text)

    def __iter__(self) -> Iterator[str]:
        return iter(self.digests)

    def __len__(self) -> int:
        return len(self.digests)
