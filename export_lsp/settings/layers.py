"""How the settings of a workspace folder are put together.

Layers, weakest first, as in ruff: defaults, pyproject.toml, the editor's options, the command
line.  A list replaces the list below it; tables are merged entry by entry.  ``null`` in an
editor's options means "not set", since editors send every key they know.  Relative paths start
at pyproject.toml's directory, in the editor's options at the workspace folder.
"""

from __future__ import annotations

import difflib
import math
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from export_lsp.protocol import ANY_EXPORT, Check, DeclaredTarget
from export_lsp.settings import pyproject
from export_lsp.settings.pyproject import SettingsError
from export_lsp.settings.schema import FIELDS, Settings, camel, kebab
from export_lsp.settings.value_types import Table

# A target's processor time, in times of what it may take by the clock.
CPU_TIMES = 4


@dataclass(frozen=True)
class Resolved:
    """A folder's settings and where each came from.

    `origins` has every field of `Settings`: "default", "pyproject.toml:3", "editor" or "command
    line", several joined with ", " for a merged table.  `targets` are the declared ones by the
    absolute path of the file they belong to.
    """

    settings: Settings
    origins: Mapping[str, str]
    targets: Mapping[Path, tuple[DeclaredTarget, ...]]
    errors: tuple[SettingsError, ...]
    pyproject: Path | None

    def check(self, folder: Path, file: Path, run: int = 0) -> Check:
        """The check of a file of the folder under these settings."""
        settings = self.settings
        return Check(
            run=run,
            folder=str(folder),
            file=str(file),
            targets=self.targets.get(file, ()),
            modes=settings.modes,
            stages=settings.stages,
            opset=settings.opset,
            device=settings.device,
            memory_limit=settings.memory_limit_bytes,
            cpu_limit=math.ceil(CPU_TIMES * settings.timeout),
            gpu_memory_fraction=settings.gpu_memory_fraction,
            environment=settings.environment,
            extra_paths=settings.extra_paths,
            export=ANY_EXPORT if settings.run_main else "",
        )


def resolve(
    folder: Path, *, options: Mapping[str, Any], overrides: Mapping[str, Any] | None = None
) -> Resolved:
    """The settings of a workspace folder.

    `options` are the editor's (flat, camelCase), `overrides` the command line's (snake_case,
    None for options not given).  A bad value is reported in `errors` and otherwise treated as
    not set, so that one mistake does not switch off the rest.
    """
    project = pyproject.read(folder)
    building = _Building(errors=list(project.errors))
    in_project = _Layer(project.directory, kebab, project.error)
    for key, value in project.table.items():
        building.add(in_project, f"{pyproject.NAME}:{project.line_of(key)}", key, value)
    in_editor = _Layer(folder, camel, _editor_error, editor=True)
    for key, value in options.items():
        building.add(in_editor, "editor", key, value)
    on_command_line = _Layer(Path.cwd(), str, _command_line_error, editor=True)
    for key, value in (overrides or {}).items():
        building.add(on_command_line, "command line", key, value)
    return Resolved(
        settings=Settings(**building.values),
        origins={name: ", ".join(building.origins.get(name, ["default"])) for name in FIELDS},
        targets=project.targets,
        errors=tuple(building.errors),
        pyproject=project.file,
    )


class _ErrorAt(typing.Protocol):
    def __call__(self, key: str, value: Any, message: str) -> SettingsError: ...


def _editor_error(key: str, value: Any, message: str) -> SettingsError:
    return SettingsError("the editor's settings", key, value, message)


def _command_line_error(key: str, value: Any, message: str) -> SettingsError:
    return SettingsError("the command line", f"--{kebab(key)}", value, message)


@dataclass(frozen=True)
class _Layer:
    """One place settings come from; `editor` takes those that pyproject.toml may not have."""

    base: Path
    spelling: Callable[[str], str]
    error: _ErrorAt
    editor: bool = False

    def field_of(self, key: str) -> str | None:
        return next((name for name in FIELDS if self.spelling(name) == key), None)

    def nearest(self, key: str) -> str:
        spellings = [self.spelling(name) for name in FIELDS]
        found = difflib.get_close_matches(key, spellings, n=1)
        return f" (did you mean {found[0]}?)" if found else ""


@dataclass
class _Building:
    """What the layers read so far add up to."""

    errors: list[SettingsError]
    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, list[str]] = field(default_factory=dict)

    def add(self, layer: _Layer, origin: str, key: str, raw: Any) -> None:
        if raw is None:
            return
        name = layer.field_of(key)
        if name is None:
            self.errors.append(layer.error(key, raw, f"is no setting{layer.nearest(key)}"))
            return
        kind = FIELDS[name].metadata["kind"]
        if FIELDS[name].metadata["where"] == "editor" and not layer.editor:
            self.errors.append(layer.error(key, raw, "can only be set in the editor"))
            return
        if isinstance(kind, Table) and isinstance(raw, dict):
            raw = self._fitting_entries(layer, key, raw, kind)
        try:
            value = kind.parse(raw, layer.base)
        except ValueError as problem:
            self.errors.append(layer.error(key, raw, str(problem)))
            return
        if isinstance(value, dict) and name in self.values:
            self.values[name] = {**self.values[name], **value}
            self.origins[name].append(origin)
        else:
            self.values[name] = value
            self.origins[name] = [origin]

    def _fitting_entries(
        self, layer: _Layer, key: str, raw: dict[Any, Any], table: Table
    ) -> dict[Any, Any]:
        fitting = {}
        for entry, value in raw.items():
            try:
                table.parse_entry(entry, value)
            except ValueError as problem:
                self.errors.append(layer.error(f"{key}.{entry}", value, str(problem)))
            else:
                fitting[entry] = value
        return fitting
