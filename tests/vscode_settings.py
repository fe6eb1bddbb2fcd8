"""The settings in VS Code's manifest; ``python -m tests.vscode_settings`` rewrites them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from export_lsp.settings import SETTINGS, Settings, camel

MANIFEST = Path(__file__).parents[1] / "editors" / "vscode" / "package.json"
SECTION = "exportLsp"

# Settings of a whole window; the others may differ from folder to folder.
WINDOW_SETTINGS = ("log_level",)

# The groups of the settings editor.  All settings that are in none of them follow in one more.
GROUPS = {
    "What Is Checked": (
        *("interpreter", "run", "run_main", "run_args", "exclude"),
        *("modes", "stages", "opset", "backends"),
    ),
    "What Is Shown": ("severities", "insight_hints"),
    "How It Runs": ("device", "environment", "extra_paths"),
    "Limits": ("timeout", "script_timeout", "memory_limit", "gpu_memory_fraction"),
    "Fixes": ("fix_candidates", "fix_seconds"),
}
REST = "Advanced"

# Settings that only the extension reads.
EXTENSION_SETTINGS: dict[str, dict[str, Any]] = {
    "path": {
        "type": "string",
        "default": "",
        "scope": "machine-overridable",
        "markdownDescription": "The `export-lsp` executable to run instead of the bundled one.",
    },
    "importStrategy": {
        "type": "string",
        "enum": ["useBundled", "fromEnvironment"],
        "default": "useBundled",
        "scope": "window",
        "markdownDescription": "Which export-lsp to run: the one bundled with the extension, or the"
        " selected interpreter's own, if it has one.",
    },
    "trace.server": {
        "type": "string",
        "enum": ["off", "messages", "verbose"],
        "default": "off",
        "scope": "window",
        "markdownDescription": "How much of the communication between editor and server is logged.",
    },
}


def configuration() -> list[dict[str, Any]]:
    """Return the manifest's ``contributes.configuration``: a part for each group."""
    left = properties()
    groups = {
        title: {key: left.pop(key) for name in names for key in [f"{SECTION}.{camel(name)}"]}
        for title, names in GROUPS.items()
    }
    # Without numbers VS Code lists groups and settings by name.
    return [
        {
            "title": title,
            "order": place,
            "properties": {
                name: {**schema, "order": number}
                for number, (name, schema) in enumerate(group.items())
            },
        }
        for place, (title, group) in enumerate({**groups, REST: left}.items())
    ]


def properties() -> dict[str, dict[str, Any]]:
    """Return the schemas of all settings of the extension, by their full names."""
    defaults = json.loads(json.dumps({name: getattr(Settings(), name) for name in SETTINGS}))
    found = {
        f"{SECTION}.{camel(name)}": {
            **setting.value_type.schema(),
            "default": defaults[name],
            "scope": "window" if name in WINDOW_SETTINGS else _scope(name),
            "markdownDescription": setting.description,
        }
        for name, setting in SETTINGS.items()
    }
    return found | {f"{SECTION}.{name}": schema for name, schema in EXTENSION_SETTINGS.items()}


def _scope(name: str) -> str:
    return "machine-overridable" if name == "interpreter" else "resource"


def main() -> None:
    manifest = json.loads(MANIFEST.read_text())
    manifest["contributes"]["configuration"] = configuration()
    MANIFEST.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
