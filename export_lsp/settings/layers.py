"""Resolving the settings of a workspace folder from their layers.

The layers are, the weakest first and as in ruff: defaults, pyproject.toml, the editor's options,
the command line.  A list replaces that of a weaker layer; tables are merged entry by entry.
``null`` in an editor's options means "not set", since editors send every key they know.  Relative
paths start at the directory of pyproject.toml, and in an editor's options at the workspace folder.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from export_lsp.protocol import ANY_EXPORT, ON_REQUEST, Check, DeclaredTarget, Location, Position
from export_lsp.settings import pyproject
from export_lsp.settings.pyproject import SettingsError
from export_lsp.settings.schema import SETTINGS, Settings, camel, kebab
from export_lsp.settings.value_types import Table
from export_lsp.spelling import nearest

# The errors that are shown.
MAX_ERRORS = 20


@dataclass(frozen=True)
class Resolved:
    """A folder's settings, and where each of them was set.

    `origins` has every field of `Settings`: "default", "pyproject.toml:3", "editor" or "command
    line", several joined with ", " for a merged table.  `targets` are those declared in
    pyproject.toml, by the absolute path of their file.  `pyproject` is the file that was read, and
    `unused` says of one that does not count why, in one sentence.
    """

    settings: Settings
    origins: Mapping[str, str]
    targets: Mapping[Path, tuple[DeclaredTarget, ...]]
    errors: tuple[SettingsError, ...]
    pyproject: Path | None
    unused: str = ""

    def check(self, folder: Path, file: Path, run: int = 0) -> Check:
        """Return the check of a file of the folder with these settings."""
        fields = self.settings.for_check()
        if self.origins.get("backends") != "command line":
            fields["backends"] = tuple(b for b in fields["backends"] if b not in ON_REQUEST)
        arguments = self.settings.run_args.get(str(file))
        if arguments is not None:
            fields |= {"arguments": arguments, "export": fields["export"] or ANY_EXPORT}
        return Check(
            run=run,
            folder=str(folder),
            file=str(file),
            targets=self.targets.get(file, ()),
            backends_location=self._line_of("backends"),
            **fields,
        )

    def _line_of(self, name: str) -> Location | None:
        """Return the line in pyproject.toml that a setting comes from; None if it does not."""
        file, _, line = self.origins.get(name, "").partition(":")
        if file != pyproject.NAME or self.pyproject is None:
            return None
        row = int(line) - 1
        return Location(str(self.pyproject), Position(row, 0), Position(row, len(kebab(name))))


def resolve(
    folder: Path,
    *,
    options: Mapping[str, Any],
    overrides: Mapping[str, Any] | None = None,
    trusts: pyproject.Trusts = lambda _: True,
) -> Resolved:
    """Return the settings of a workspace folder.

    `options` are the editor's (flat, camelCase), `overrides` the command line's (snake_case, None
    for options that are not given).  `trusts` returns whether the user trusts a directory above
    the folder, whose pyproject.toml may then count.

    Never raises for a bad value: it is reported in `errors` and counts as not set.
    """
    project = pyproject.read(folder, trusts)
    merged = _Merged(errors=list(project.errors))
    in_project = _Layer(project.directory, kebab, project.error)
    for key, value in project.table.items():
        merged.add(in_project, f"{pyproject.NAME}:{project.line_of(key)}", key, value)
    in_editor = _Layer(folder, camel, _editor_error, editor=True)
    for key, value in options.items():
        merged.add(in_editor, "editor", key, value)
    on_command_line = _Layer(Path.cwd(), str, _command_line_error, editor=True)
    for key, value in (overrides or {}).items():
        merged.add(on_command_line, "command line", key, value)
    return Resolved(
        settings=Settings(**merged.values),
        origins={name: ", ".join(merged.origins.get(name, ["default"])) for name in SETTINGS},
        targets=project.targets,
        errors=tuple(_few(merged.errors)),
        pyproject=project.file,
        unused=project.unused,
    )


def _few(errors: list[SettingsError]) -> list[SettingsError]:
    """Return the first errors, and how many more there are."""
    if len(errors) <= MAX_ERRORS:
        return errors
    more = f"has {len(errors) - MAX_ERRORS} more mistakes"
    return [*errors[:MAX_ERRORS], SettingsError(errors[-1].file, "", None, more)]


class _ErrorAt(typing.Protocol):
    def __call__(self, key: str, value: Any, message: str) -> SettingsError: ...


def _editor_error(key: str, value: Any, message: str) -> SettingsError:
    return SettingsError("the editor's settings", key, value, message)


def _command_line_error(key: str, value: Any, message: str) -> SettingsError:
    return SettingsError("the command line", f"--{kebab(key)}", value, message)


@dataclass(frozen=True)
class _Layer:
    """One place where settings come from.

    `base` is where relative paths start, `spelling` how a field is spelt there.  With `editor` it
    may have settings that pyproject.toml may not.
    """

    base: Path
    spelling: Callable[[str], str]
    error: _ErrorAt
    editor: bool = False

    def field_of(self, key: str) -> str | None:
        return next((name for name in SETTINGS if self.spelling(name) == key), None)

    def suggestion(self, key: str) -> str:
        found = nearest(key, [self.spelling(name) for name in SETTINGS])
        return f" (did you mean {found}?)" if found else ""


@dataclass
class _Merged:
    """The values and origins of the layers added so far."""

    errors: list[SettingsError]
    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, list[str]] = field(default_factory=dict)

    def add(self, layer: _Layer, origin: str, key: str, raw: Any) -> None:
        """Add one key of a layer, or report the mistake in it."""
        if raw is None:
            return
        name = layer.field_of(key)
        if name is None:
            suggestion = layer.suggestion(key) if len(self.errors) < MAX_ERRORS else ""
            self.errors.append(layer.error(key, raw, f"is not a setting{suggestion}"))
            return
        setting = SETTINGS[name]
        if setting.where == "editor" and not layer.editor:
            self.errors.append(layer.error(key, raw, "can only be set in the editor"))
            return
        if isinstance(setting.value_type, Table) and isinstance(raw, dict):
            raw = self._valid_entries(layer, key, raw, setting.value_type)
        try:
            value = setting.value_type.parse(raw, layer.base)
        except ValueError as problem:
            self.errors.append(layer.error(key, raw, str(problem)))
            return
        if isinstance(value, dict) and name in self.values:
            self.values[name] = {**self.values[name], **value}
            self.origins[name].append(origin)
        else:
            self.values[name] = value
            self.origins[name] = [origin]

    def _valid_entries(
        self, layer: _Layer, key: str, raw: dict[Any, Any], table: Table
    ) -> dict[Any, Any]:
        """Return the entries that fit a table; the others are reported one by one."""
        valid = {}
        for entry, value in raw.items():
            try:
                table.parse_entry(entry, value)
            except ValueError as problem:
                self.errors.append(layer.error(f"{key}.{entry}", value, str(problem)))
            else:
                valid[entry] = value
        return valid
