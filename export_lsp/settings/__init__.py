"""Settings: the one schema, where their values come from, and what is wrong with them."""

from __future__ import annotations

from export_lsp.settings.exclude import excluded
from export_lsp.settings.layers import Resolved, resolve
from export_lsp.settings.pyproject import SettingsError
from export_lsp.settings.schema import FIELDS, SEVERITIES, Settings, camel, kebab

__all__ = [
    "FIELDS",
    "SEVERITIES",
    "Resolved",
    "Settings",
    "SettingsError",
    "camel",
    "excluded",
    "kebab",
    "resolve",
]
