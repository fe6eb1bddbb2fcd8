"""The user's files: which ones they are, and the texts that were imported."""

from __future__ import annotations

import functools
import os
import site
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import CodeType

import export_lsp.worker
from export_lsp.source import Source, encoded
from export_lsp.worker.user_code.clocks import clock_read
from export_lsp.worker.user_code.observer import Observer


@dataclass
class Workspace:
    """A workspace folder, and the user's files that a process has read from it.

    `folder` is an absolute path.  `texts` replaces the content of files on disk, by path.
    `sources` has the texts that were read and `codes` the code of the modules that were imported,
    both by path.  `executed` has the names of the other modules that were imported from source.
    `observer` has whatever else the process has looked at.
    """

    folder: str
    sources: dict[str, Source] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    executed: set[str] = field(default_factory=set)
    observer: Observer = field(default_factory=Observer)
    codes: dict[str, list[CodeType]] = field(default_factory=dict)
    _known: dict[str, bool] = field(default_factory=dict)

    @functools.cached_property
    def _installation_prefixes(self) -> tuple[str, ...]:
        """The folders of Python environments and of this package.

        Files below them are not the user's, unless the workspace folder itself lies there.
        """
        prefixes = {
            os.path.dirname(export_lsp.worker.__file__),
            sys.prefix,
            sys.base_prefix,
            *site.getsitepackages(),
            site.getusersitepackages(),
        }
        prefixes.update(sysconfig.get_paths().values())
        resolved = {os.path.realpath(p) for p in prefixes}
        folder = os.path.realpath(self.folder)
        return tuple(p + os.sep for p in resolved if not (folder + os.sep).startswith(p + os.sep))

    def contains(self, path: str) -> bool:
        """Return whether a file is the user's own.

        A file is the user's if its path, or the path that this resolves to, lies in the folder and
        neither is part of an installation.  A relative path is never the user's.
        """
        if path not in self._known:
            paths = {os.path.normpath(path), os.path.realpath(path)}
            users = any(map(self._is_inside, paths)) and not any(map(self._is_installed, paths))
            self._known[path] = os.path.isabs(path) and users
        return self._known[path]

    def _is_inside(self, path: str) -> bool:
        folders = (self.folder + os.sep, os.path.realpath(self.folder) + os.sep)
        return path.startswith(folders)

    def _is_installed(self, path: str) -> bool:
        installed = path.startswith(self._installation_prefixes)
        return installed or f"{os.sep}site-packages{os.sep}" in path

    def read(self, path: str) -> Source:
        """Return the text of a file: the one that was imported, else the present one.

        Raises:
            OSError, SyntaxError, UnicodeDecodeError: if it cannot be read as Python source.
        """
        if path not in self.sources:
            self.remember(path, self.data(path))
        return self.sources[path]

    def data(self, path: str) -> bytes:
        """Return the content of a file: from `texts`, else from disk.

        Raises:
            OSError: if it cannot be read.
        """
        if path in self.texts:
            return encoded(self.texts[path])
        with open(path, "rb") as file:
            return file.read()

    def source(self, path: str) -> Source | None:
        """Return the text of a file as `read` does; None if it is not the user's or not readable.

        Raises nothing.
        """
        if not self.contains(path):
            return None
        try:
            return self.read(path)
        except (OSError, SyntaxError, UnicodeDecodeError):
            return None

    def remember(self, path: str, data: bytes) -> None:
        """Make `data` the text that `read` returns from now on.

        Raises:
            SyntaxError, UnicodeDecodeError: if it is not text in its declared encoding.
        """
        self.sources[path] = Source.of(path, data)

    @property
    def unaccounted(self) -> str:
        """The reason why a result rests on more than can be looked at again, or ""."""
        if self.observer.unaccounted:
            return self.observer.unaccounted
        reads = ((path, clock_read(source.text)) for path, source in self.sources.items())
        return next((f"{path}:{line} reads the clock" for path, line in reads if line), "")

    @property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of every text that was read, by path."""
        return {path: source.digest for path, source in self.sources.items()}
