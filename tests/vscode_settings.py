"""The settings in VS Code's manifest; ``python -m tests.vscode_settings`` writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from export_lsp.settings import FIELDS, Settings, camel

MANIFEST = Path(__file__).parents[1] / "editors" / "vscode" / "package.json"
SECTION = "exportLsp"

# What a window has one of; everything else may differ from folder to folder.
OF_WINDOW = ("log_level",)

# The extension's own.  Whoever may set them chooses what is run.
OWN: dict[str, dict[str, Any]] = {
    "path": {
        "type": "string",
        "default": "",
        "scope": "machine-overridable",
        "markdownDescription": "The `export-lsp` to run instead of the one that comes with the"
        " extension.",
    },
    "importStrategy": {
        "type": "string",
        "enum": ["useBundled", "fromEnvironment"],
        "default": "useBundled",
        "scope": "window",
        "markdownDescription": "Whether to run the export-lsp that comes with the extension, or the"
        " one in the selected interpreter if it has one.",
    },
    "trace.server": {
        "type": "string",
        "enum": ["off", "messages", "verbose"],
        "default": "off",
        "scope": "window",
        "markdownDescription": "How much of what editor and server say to each other is logged.",
    },
}


def properties() -> dict[str, dict[str, Any]]:
    """``contributes.configuration.properties``."""
    defaults = json.loads(json.dumps({name: getattr(Settings(), name) for name in FIELDS}))
    found = {
        f"{SECTION}.{camel(name)}": {
            **field.metadata["kind"].schema(),
            "default": defaults[name],
            "scope": "window" if name in OF_WINDOW else _scope(name),
            "markdownDescription": field.metadata["description"],
        }
        for name, field in FIELDS.items()
    }
    return found | {f"{SECTION}.{name}": schema for name, schema in OWN.items()}


def _scope(name: str) -> str:
    return "machine-overridable" if name == "interpreter" else "resource"


def main() -> None:
    manifest = json.loads(MANIFEST.read_text())
    manifest["contributes"]["configuration"]["properties"] = properties()
    MANIFEST.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
