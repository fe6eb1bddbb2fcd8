"""The table ``[tool.export-lsp]`` of pyproject.toml, its targets, and the lines they are on.

TOML parsers keep no positions, so the lines are found by reading the file again as text.
"""

from __future__ import annotations

import os
import re
import reprlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from export_lsp.ownership import is_of_its_folder, owner, this_user
from export_lsp.protocol import BACKENDS, MODES, Backend, DeclaredTarget, Location, Mode, Position
from export_lsp.safe_text import one_line
from export_lsp.settings import toml

NAME = "pyproject.toml"
# The root folder of a project has one of these.
_ROOT_MARKS = (NAME, ".git")
_EXPRESSIONS = ("model", "args", "kwargs", "dynamic_shapes")
_MAX_NAME = 200
_LISTS = ("modes", "backends")
_TARGET_KEYS = ("file", "name", *_LISTS, *_EXPRESSIONS)


Trusts = Callable[[Path], bool]
"""Returns whether the user trusts a directory."""


class SettingsError(Exception):
    """A setting is wrong; as a string, a sentence with its file, line, key and value."""

    def __init__(
        self, file: str, key: str, value: Any, message: str, *, line: int | None = None
    ) -> None:
        self.file, self.key, self.value, self.message, self.line = file, key, value, message, line
        place = f"{file}:{line}" if line is not None else file
        shown = f"{_cut(key)} = {_shown(value)} " if key else ""
        super().__init__(one_line(f"{place}: {shown}{_cut(message, 400)}."))


class _Excerpt(reprlib.Repr):
    """Values of any size and depth in a few words."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 80
        self.maxlevel = 3

    def repr_int(self, x: int, level: int) -> str:
        # Python refuses to write out huge ones.
        return str(x) if x.bit_length() < 200 else f"a number of {x.bit_length()} bits"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return _cut(f'"{value}"' if isinstance(value, str) else _Excerpt().repr(value))


def _cut(text: str, length: int = 80) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


@dataclass(frozen=True)
class Project:
    """The contents of a pyproject.toml for export-lsp; empty where there is no such file.

    `table` is ``[tool.export-lsp]`` without its targets, `lines` the line of each key in it.
    `unused` says of a file that does not count why, in one sentence.
    """

    directory: Path
    file: Path | None = None
    table: Mapping[str, Any] = field(default_factory=dict)
    targets: Mapping[Path, tuple[DeclaredTarget, ...]] = field(default_factory=dict)
    errors: tuple[SettingsError, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)
    unused: str = ""

    def line_of(self, key: str) -> int:
        """Return the 1-based line of a key, or of an entry ``key.entry`` of a table."""
        return self.lines.get(key) or self.lines.get(key.split(".")[0], 1)

    def error(self, key: str, value: Any, message: str) -> SettingsError:
        """Return a `SettingsError` for a key of the table."""
        return SettingsError(str(self.file), key, value, message, line=self.line_of(key))


def read(folder: Path, trusts: Trusts = lambda _: True) -> Project:
    """Return the folder's pyproject.toml, or else the nearest above it that has our table.

    Its settings decide which code is run.  So a file counts only if it belongs to this user or to
    the owner of its directory; and one above the folder only if its directory belongs to this user
    or to the folder's owner, and `trusts` returns True for it.  One that does not is named in
    `Project.unused`.  Never raises: a file that cannot be read or parsed gives a `Project` with an
    error.
    """
    for directory in (folder, *folder.parents):
        file = directory / NAME
        if not (os.path.lexists(file) if directory == folder else os.path.isfile(file)):
            continue
        project = _read_file(file)
        if directory != folder and not project.table and not project.targets:
            continue
        reason = _objection(file, folder, trusts)
        return Project(folder, unused=f"{file} is not used: {reason}.") if reason else project
    return Project(folder)


def _objection(file: Path, folder: Path, trusts: Trusts) -> str:
    """The reason why a file must not select the code that is run for a folder; "" if it may."""
    directory = file.parent
    if os.path.exists(file) and not is_of_its_folder(file):
        return "it belongs to another user"
    if directory == folder:
        return ""
    if owner(directory) not in (this_user(), owner(folder)):
        return f"{directory} belongs to another user"
    if trusts(directory):
        return ""
    return f"{directory} is not trusted; to trust it, open it as a workspace folder"


def project_root(start: Path) -> Path | None:
    """Return the nearest folder from `start` upwards that is the root of a project, if any."""
    for folder in (start, *start.parents):
        if any(os.path.exists(folder / mark) for mark in _ROOT_MARKS):
            return folder
    return None


def _read_file(file: Path) -> Project:
    try:
        text, data = toml.read(file)
    except toml.UnreadableError as error:
        unread = SettingsError(str(file), "", None, f"cannot be read: {error}", line=error.line)
        return Project(file.parent, file, errors=(unread,))
    tool = data.get("tool")
    table = tool.get("export-lsp", {}) if isinstance(tool, dict) else {}
    lines = _LineNumbers(text)
    if not isinstance(table, dict):
        misplaced = SettingsError(str(file), "tool.export-lsp", table, "must be a table")
        return Project(file.parent, file, errors=(misplaced,))
    table = dict(table)
    declared = table.pop("target", [])
    targets, errors = _targets(file, declared, lines)
    return Project(file.parent, file, table, targets, tuple(errors), lines.keys)


def _targets(
    file: Path, declared: Any, lines: _LineNumbers
) -> tuple[dict[Path, tuple[DeclaredTarget, ...]], list[SettingsError]]:
    errors: list[SettingsError] = []
    targets: dict[Path, list[DeclaredTarget]] = {}
    if not isinstance(declared, list):
        message = "must be a list of tables: [[tool.export-lsp.target]]"
        line = lines.keys.get("target", 1)
        return {}, [SettingsError(str(file), "target", declared, message, line=line)]
    for index, table in enumerate(declared):
        location = lines.target(str(file), index)
        try:
            checked, target = _target(file, table, index, location)
        except SettingsError as error:
            errors.append(error)
            continue
        targets.setdefault(checked, []).append(target)
    return {checked: tuple(each) for checked, each in targets.items()}, errors


def _target(file: Path, table: Any, index: int, location: Location) -> tuple[Path, DeclaredTarget]:
    """Return a target and the file that it belongs to.

    Raises:
        SettingsError: an entry of its table is wrong.
    """

    def wrong(key: str, value: Any, message: str) -> SettingsError:
        return SettingsError(str(file), key, value, message, line=location.start.line + 1)

    if not isinstance(table, dict):
        raise wrong("target", table, "must be a table")
    # Both spellings are accepted: the table is kebab-case, torch's argument is dynamic_shapes.
    entries = {key.replace("-", "_"): value for key, value in table.items()}
    checked = Path(os.path.normpath(file.parent / str(entries.get("file", ""))))
    mistake = next(_mistakes(entries, checked), None)
    if mistake is not None:
        raise wrong(*mistake)
    modes, backends = entries.get("modes"), entries.get("backends")
    return checked, DeclaredTarget(
        name=entries.get("name") or _default_name(entries["model"], index),
        model=entries["model"],
        args=entries.get("args"),
        kwargs=entries.get("kwargs"),
        dynamic_shapes=entries.get("dynamic_shapes"),
        modes=cast("tuple[Mode, ...]", tuple(modes)) if modes is not None else None,
        location=location,
        backends=cast("tuple[Backend, ...]", tuple(backends)) if backends is not None else None,
    )


def _mistakes(entries: Mapping[str, Any], checked: Path) -> Iterator[tuple[str, Any, str]]:
    """Yield the mistakes in the entries of a target: key, value, and the rest of a sentence."""
    for key, value in entries.items():
        if key not in _TARGET_KEYS:
            known = ", ".join(_TARGET_KEYS)
            yield f"target.{key}", value, f"is not a key of a target; the keys are {known}"
        elif key not in _LISTS and not isinstance(value, str):
            message = "must be a string; expressions are written in quotes"
            yield f"target.{key}", value, message
    if len(str(entries.get("name", ""))) > _MAX_NAME:
        message = f"must be at most {_MAX_NAME} characters long"
        yield "target.name", entries["name"], message
    for key in ("file", "model"):
        if not entries.get(key):
            yield f"target.{key}", entries.get(key, ""), "must be given"
    modes = entries.get("modes")
    if modes is not None and (
        not isinstance(modes, list) or not modes or any(mode not in MODES for mode in modes)
    ):
        yield "target.modes", modes, f"must be a list of {' or '.join(MODES)}"
    backends = entries.get("backends")
    if backends is not None and (
        not isinstance(backends, list) or any(each not in BACKENDS for each in backends)
    ):
        yield "target.backends", backends, f"must be a list of {' or '.join(BACKENDS)}"
    if not os.path.isfile(checked):
        yield "target.file", entries["file"], "does not exist"


def _default_name(model: str, index: int) -> str:
    return model if len(model) <= 40 else f"target {index + 1}"


class _LineNumbers:
    """The lines of the keys of ``[tool.export-lsp]``, and of its target tables.

    Headers and keys are read line by line, outside multi-line strings.  A key in a form that is
    not recognised, such as an inline or dotted table, gets the line of the nearest header.
    """

    _HEADER = re.compile(r"^\s*\[\[?([^\]]+)\]\]?\s*(#.*)?$")
    _KEY = re.compile(r"""^\s*["']?([A-Za-z0-9_-]+)["']?\s*[.=]""")

    def __init__(self, text: str) -> None:
        self.keys: dict[str, int] = {}
        self._targets: list[tuple[int, int]] = []
        self._table = 1
        section, quote = "", ""
        for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
            if quote:
                quote = "" if line.count(quote) % 2 else quote
                continue
            if header := self._HEADER.match(line):
                section = re.sub(r"""[\s"']""", "", header[1])
                self._header(section, number, len(line.rstrip()))
            elif section.startswith("tool.export-lsp") and (key := self._KEY.match(line)):
                below = section.removeprefix("tool.export-lsp").strip(".")
                self.keys.setdefault(f"{below}.{key[1]}" if below else key[1], number)
            quote = next((q for q in ('"""', "'''") if line.count(q) % 2), "")

    def _header(self, section: str, number: int, width: int) -> None:
        if section == "tool.export-lsp":
            self._table = number
        elif section == "tool.export-lsp.target":
            self._targets.append((number, width))
        elif section.startswith("tool.export-lsp."):
            self.keys.setdefault(section.removeprefix("tool.export-lsp."), number)

    def target(self, file: str, index: int) -> Location:
        """Return the location of the header of a target's table."""
        if index < len(self._targets):
            number, width = self._targets[index]
        else:
            number, width = self.keys.get("target", self._table), 0
        return Location(file, Position(number - 1, 0), Position(number - 1, width))
