"""The one schema of all settings.

`Settings` is the source of three spellings: ``memory_limit`` here, ``memory-limit`` in
pyproject.toml's ``[tool.export-lsp]``, ``memoryLimit`` in an editor's options.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from export_lsp.protocol import MODES, Mode, Opset, RuleCode
from export_lsp.settings.value_types import (
    Choice,
    Choices,
    Device,
    Flag,
    Interpreter,
    Kind,
    Number,
    Paths,
    Table,
    Texts,
)
from export_lsp.stages import DEFAULT_STAGES, STAGES, Stage

SEVERITIES = ("error", "warning", "information", "hint", "off")
DEFAULT_EXCLUDE = (
    ".*/",
    "__pycache__/",
    "build/",
    "dist/",
    "node_modules/",
    "site-packages/",
    "venv/",
)

Where = Literal["everywhere", "editor"]


def _about(description: str, kind: Kind, where: Where = "everywhere") -> dict[str, Any]:
    """The metadata of a field of `Settings`; `where` "editor" keeps it out of pyproject.toml."""
    return {"description": description, "kind": kind, "where": where}


@dataclass(frozen=True)
class Settings:
    """All settings of a workspace folder; every field is documented by its metadata."""

    interpreter: str | None = field(
        default=None,
        metadata=_about(
            "The Python interpreter that has torch: a path (${workspaceFolder} and ~ are "
            "expanded) or a name on the PATH. By default the one selected in VS Code, the active "
            "virtual environment or the folder's.",
            Interpreter(),
        ),
    )
    device: str = field(
        default="auto",
        metadata=_about("Where models are traced: auto, cpu, cuda or cuda:N.", Device()),
    )
    modes: tuple[Mode, ...] = field(
        default=MODES,
        metadata=_about("The modes of torch.export to check.", Choices(MODES)),
    )
    stages: tuple[Stage, ...] = field(
        default=DEFAULT_STAGES,
        metadata=_about("The stages of an export to check.", Choices(STAGES)),
    )
    opset: Opset = field(
        default="default",
        metadata=_about(
            "What an exported program has to decompose into: default (whatever torch's own "
            "decompositions leave), core-aten (core ATen operators only) or edge (what "
            "ExecuTorch's edge dialect takes, where executorch is installed).",
            Choice(typing.get_args(Opset)),
        ),
    )
    timeout: float = field(
        default=120.0,
        metadata=_about(
            "How long the check of one target may take, in seconds.",
            Number(0, above_minimum=True, unit="seconds"),
        ),
    )
    memory_limit: float = field(
        default=8192.0,
        metadata=_about(
            "How much memory the check of one file may take, in MB; 0 for no limit.",
            Number(0, unit="MB"),
        ),
    )
    gpu_memory_fraction: float = field(
        default=0.25,
        metadata=_about(
            "The part of a GPU's memory that a check may take.",
            Number(0, 1, above_minimum=True),
        ),
    )
    run: Literal["onSave", "manual"] = field(
        default="onSave",
        metadata=_about(
            "When to check: onSave, or manual (only by the command exportLsp.check).",
            Choice(("onSave", "manual")),
        ),
    )
    run_main: bool = field(
        default=False,
        metadata=_about(
            "Run files that declare no target but call torch.export.export, draft_export or "
            "torch.onnx.export as scripts, up to the first such call, and check that.",
            Flag(),
        ),
    )
    fix_candidates: int = field(
        default=6,
        metadata=_about(
            "Candidate fixes tried for one problem; 0 turns fixes off.",
            Number(0, whole=True),
        ),
    )
    fix_seconds: float = field(
        default=60.0,
        metadata=_about(
            "How long fixes may be looked for after a check, in seconds.",
            Number(0, unit="seconds"),
        ),
    )
    severities: dict[str, str] = field(
        default_factory=dict,
        metadata=_about(
            "Severity by rule: error, warning, information, hint or off.",
            Table(keys=typing.get_args(RuleCode), choices=SEVERITIES),
        ),
    )
    exclude: tuple[str, ...] = field(
        default=DEFAULT_EXCLUDE,
        metadata=_about(
            "Files never checked: patterns as in .gitignore, relative to the workspace folder.",
            Texts(),
        ),
    )
    environment: dict[str, str] = field(
        default_factory=dict,
        metadata=_about("Environment variables for the checked files.", Table()),
    )
    extra_paths: tuple[str, ...] = field(
        default=(),
        metadata=_about("Directories to put on sys.path for the checked files.", Paths()),
    )
    standby: bool = field(
        default=False,
        metadata=_about(
            "Start each check in a fresh process prepared beforehand instead of forking; always "
            "so on Windows and macOS.",
            Flag(),
        ),
    )
    log_level: Literal["debug", "info", "warning", "error"] = field(
        default="info",
        metadata=_about(
            "How much the server logs.",
            Choice(("debug", "info", "warning", "error")),
            where="editor",
        ),
    )

    @property
    def memory_limit_bytes(self) -> int | None:
        """`memory_limit` as `Check` wants it: bytes, None for no limit."""
        return int(self.memory_limit * 2**20) or None


FIELDS: Mapping[str, dataclasses.Field[Any]] = {f.name: f for f in dataclasses.fields(Settings)}


def kebab(name: str) -> str:
    """The spelling of a field in pyproject.toml."""
    return name.replace("_", "-")


def camel(name: str) -> str:
    """The spelling of a field in an editor's options."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
