"""The settings of a workspace folder.

`schema` has all settings and `value_types` the types of their values; `layers` resolves them from
pyproject.toml (`pyproject`, parsed by `toml`), the editor's options and the command line; `exclude`
applies one.
"""

from __future__ import annotations

from export_lsp.settings.exclude import excluded
from export_lsp.settings.layers import Resolved, resolve
from export_lsp.settings.pyproject import SettingsError
from export_lsp.settings.schema import DEFAULT_EXCLUDE, SETTINGS, SEVERITIES, Settings, camel, kebab

__all__ = [
    "DEFAULT_EXCLUDE",
    "SETTINGS",
    "SEVERITIES",
    "Resolved",
    "Settings",
    "SettingsError",
    "camel",
    "excluded",
    "kebab",
    "resolve",
]
