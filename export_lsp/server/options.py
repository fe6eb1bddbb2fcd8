"""The editor's options: where they come from, and which of them are settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from export_lsp.engine.trust import Asking
from export_lsp.settings import SettingsError

# Options that are not settings: read here, before the session (token), or by the client (trace).
OTHER_OPTIONS = ("trusted", "pythonInterpreter", "token", "trace")


@dataclass
class Options:
    """The options of one session.

    `initial` are the initialization options (LSP 3.17, Initialize), `changed` those that the last
    ``workspace/didChangeConfiguration`` has sent.
    """

    initial: dict[str, Any] = field(default_factory=dict)
    changed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def trusted(self) -> bool | Asking:
        """The option `trusted`: True, False, or "ask", which stands for any invalid value."""
        value = self.initial.get("trusted")
        return value if isinstance(value, bool) else "ask"

    @property
    def errors(self) -> list[str]:
        """The errors in options that are not settings, one sentence each."""
        value = self.initial.get("trusted")
        if isinstance(value, bool) or value is None or value == "ask":
            return []
        error = SettingsError(
            "the initialization options", "trusted", value, 'must be true, false or "ask"'
        )
        return [str(error)]

    def of_folder(self, configuration: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
        """Return the settings of a folder, and the interpreter that is selected in the editor.

        Args:
            configuration: The answer to ``workspace/configuration`` for the folder.  It overrides
                changed options, and those override initial ones.
        """
        options = dict(self.initial)
        for layer in (self.changed, configuration):
            options.update({key: value for key, value in layer.items() if value is not None})
        selected = options.get("pythonInterpreter")
        settings = {key: value for key, value in options.items() if key not in OTHER_OPTIONS}
        return settings, selected if isinstance(selected, str) else None
