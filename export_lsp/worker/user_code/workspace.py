"""The user's files: which they are, what text was imported, where a byte column is in it."""

from __future__ import annotations

import contextlib
import functools
import importlib.machinery
import os
import site
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

import export_lsp.worker
from export_lsp.source import Source, encoded


@dataclass
class Workspace:
    """The folder whose files are the user's, and those of them that were imported.

    `texts` are taken for what files say, instead of what is on disk.  `data_files` has the SHA-256
    of what else was read of them, `codes` the modules' code as it was executed.
    """

    folder: str
    sources: dict[str, Source] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    data_files: dict[str, str] = field(default_factory=dict)
    codes: dict[str, list[CodeType]] = field(default_factory=dict)
    _known: dict[str, bool] = field(default_factory=dict)

    @functools.cached_property
    def _installation_prefixes(self) -> tuple[str, ...]:
        """Environments and this package are not the user's, even inside the workspace."""
        prefixes = {
            os.path.dirname(export_lsp.worker.__file__),
            sys.prefix,
            sys.base_prefix,
            *site.getsitepackages(),
            site.getusersitepackages(),
        }
        prefixes.update(sysconfig.get_paths().values())
        inside = {os.path.realpath(p) for p in prefixes}
        folder = os.path.realpath(self.folder)
        return tuple(p + os.sep for p in inside if not (folder + os.sep).startswith(p + os.sep))

    def contains(self, path: str) -> bool:
        """Whether a file is the user's own: it, or a link to it, lies in the folder."""
        if path not in self._known:
            ways = {os.path.normpath(path), os.path.realpath(path)}
            ours = any(map(self._lies_inside, ways)) and not any(map(self._is_installed, ways))
            self._known[path] = os.path.isabs(path) and ours
        return self._known[path]

    def _lies_inside(self, path: str) -> bool:
        folders = (self.folder + os.sep, os.path.realpath(self.folder) + os.sep)
        return path.startswith(folders)

    def _is_installed(self, path: str) -> bool:
        return (
            path.startswith(self._installation_prefixes) or f"{os.sep}site-packages{os.sep}" in path
        )

    def read(self, path: str) -> Source:
        """The text of a file: what was imported, else what is on disk now.

        Raises:
            OSError, SyntaxError, UnicodeDecodeError: it cannot be read as Python source.
        """
        if path not in self.sources:
            self.remember(path, self.data(path))
        return self.sources[path]

    def data(self, path: str) -> bytes:
        """What a file holds, as far as this check is concerned.

        Raises:
            OSError: it cannot be read.
        """
        if path in self.texts:
            return encoded(self.texts[path])
        with open(path, "rb") as file:
            return file.read()

    def source(self, path: str) -> Source | None:
        """Like `read`, None for what is no readable file of the user's."""
        if not self.contains(path):
            return None
        try:
            return self.read(path)
        except (OSError, SyntaxError, UnicodeDecodeError):
            return None

    def remember(self, path: str, data: bytes) -> None:
        """Take `data` for what the file says from here on.

        Raises:
            SyntaxError, UnicodeDecodeError: it is no text in its declared encoding.
        """
        self.sources[path] = Source.of(path, data)

    @property
    def digests(self) -> dict[str, str]:
        sources = {path: source.digest for path, source in self.sources.items()}
        return {**self.data_files, **sources}


def install_import_hook(workspace: Workspace) -> None:
    """Compile every file of the user's from the text that findings will refer to.

    Byte code is neither read nor written for them: its time stamp has a resolution of a second,
    and of two saves within one the first would run.  All finders, those of editable installs
    included, end in the one method that is replaced here.
    """
    loader: Any = importlib.machinery.SourceFileLoader
    cached = loader.get_code

    def get_code(self: Any, fullname: str) -> CodeType | None:
        if not workspace.contains(self.path):
            return cached(self, fullname)
        data = workspace.data(self.path)
        # What is no text fails below, with the module's name and place.
        with contextlib.suppress(SyntaxError, UnicodeDecodeError):
            workspace.remember(self.path, data)
        code: CodeType = self.source_to_code(data, self.path)
        workspace.codes.setdefault(self.path, []).append(code)
        return code

    loader.get_code = get_code
