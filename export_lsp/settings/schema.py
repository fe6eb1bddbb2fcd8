"""The schema of all settings: the one place where they are defined.

A field of `Settings` has three spellings: ``memory_limit`` here, ``memory-limit`` in the table
``[tool.export-lsp]`` of pyproject.toml, ``memoryLimit`` in an editor's options.
"""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from export_lsp.protocol import ANY_EXPORT, BACKENDS, MODES, Backend, Mode, Opset, RuleCode
from export_lsp.settings.value_types import (
    Arguments,
    Choice,
    Choices,
    Device,
    Flag,
    Interpreter,
    Number,
    Paths,
    Patterns,
    Table,
    ValueType,
    Variables,
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

# How much processor time a process of a target may take, as a multiple of the setting `timeout`.
# The engine allows less, but it may be gone.
CPU_TIMES = 4
DAY = 86_400

Where = Literal["everywhere", "editor"]
InsightHints = Literal["off", "changes", "all"]


@dataclass(frozen=True)
class Sent:
    """The field of `Check` that carries a setting to a run, and how to convert the value."""

    field: str
    convert: Callable[[Any], Any] = lambda value: value


@dataclass(frozen=True)
class Setting:
    """A field of `Settings`, except for its default.

    `description` is shown by editors and in the documentation.  A setting for the "editor" cannot
    be set in pyproject.toml.  `sent` is None if runs do not need the setting.
    """

    description: str
    value_type: ValueType
    where: Where = "everywhere"
    sent: Sent | None = None

    @property
    def meaning(self) -> str:
        """The description with the range of a number."""
        number = self.value_type
        if not isinstance(number, Number):
            return self.description
        return f"{self.description} A number {number.range}."


def _about(
    description: str,
    value_type: ValueType,
    *,
    where: Where = "everywhere",
    sent: Sent | None = None,
) -> dict[str, Setting]:
    """Return the metadata of a field of `Settings`."""
    return {"setting": Setting(description, value_type, where, sent)}


@dataclass(frozen=True)
class Settings:
    """The settings of a workspace folder; the metadata of each field is its `Setting`.

    The order, in which documentation and editors list them too, is that in which people need them.
    """

    interpreter: str | None = field(
        default=None,
        metadata=_about(
            "The Python interpreter that has torch: a path (${workspaceFolder} and ~ are "
            "expanded) or a name on the PATH. By default the one selected in VS Code, the active "
            "virtual environment or the folder's.",
            Interpreter(),
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
            sent=Sent("export", lambda run_main: ANY_EXPORT if run_main else ""),
        ),
    )
    run_args: dict[str, tuple[str, ...]] = field(
        default_factory=dict,
        metadata=_about(
            "Command-line arguments of scripts that export, by the path of each. A script that is "
            "listed is run up to its first export, whatever run-main says.",
            Arguments(),
        ),
    )
    script_timeout: float = field(
        default=30.0,
        metadata=_about(
            "How long a script may run before it reaches its export, in seconds. On Linux, time in "
            "which other programs keep it from computing does not count, up to five times as long.",
            Number(0, DAY, above_minimum=True, unit="seconds"),
        ),
    )
    modes: tuple[Mode, ...] = field(
        default=MODES,
        metadata=_about("The modes of torch.export to check.", Choices(MODES), sent=Sent("modes")),
    )
    stages: tuple[Stage, ...] = field(
        default=DEFAULT_STAGES,
        metadata=_about("The stages of an export to check.", Choices(STAGES), sent=Sent("stages")),
    )
    opset: Opset = field(
        default="default",
        metadata=_about(
            "The operators that an exported program may decompose into: default (whatever torch's "
            "own decompositions leave), core-aten (core ATen) or edge (ExecuTorch's edge dialect, "
            "where executorch is installed).",
            Choice(typing.get_args(Opset)),
            sent=Sent("opset"),
        ),
    )
    backends: tuple[Backend, ...] = field(
        default=(),
        metadata=_about(
            "The backends to convert each exported program for: onnx (torch.onnx.export; its "
            "results are compared where onnxruntime is installed), executorch, "
            "executorch-xnnpack, and aot-inductor (which takes minutes, and is left to the command "
            "line). Each has to be installed in the interpreter.",
            Choices(BACKENDS, least=0),
            sent=Sent("backends"),
        ),
    )
    severities: dict[str, str] = field(
        default_factory=dict,
        metadata=_about(
            "Severity by rule: error, warning, information, hint or off.",
            Table(keys=typing.get_args(RuleCode), choices=SEVERITIES),
        ),
    )
    insight_hints: InsightHints = field(
        default="changes",
        metadata=_about(
            "The names beside which an editor shows the shape of their tensors: none (off), those "
            "whose shape or dtype differs from that last shown for them in the function (changes), "
            "or all.",
            Choice(typing.get_args(InsightHints)),
        ),
    )
    exclude: tuple[str, ...] = field(
        default=DEFAULT_EXCLUDE,
        metadata=_about(
            "Files that are never checked: patterns as in .gitignore, relative to the workspace "
            "folder.",
            Patterns(),
        ),
    )
    device: str = field(
        default="auto",
        metadata=_about(
            "The device that models are traced on: auto, cpu, cuda or cuda:N.",
            Device(),
            sent=Sent("device"),
        ),
    )
    environment: dict[str, str] = field(
        default_factory=dict,
        metadata=_about(
            "Environment variables for the checked files.", Variables(), sent=Sent("environment")
        ),
    )
    extra_paths: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            "Directories to put on sys.path for the checked files.",
            Paths(),
            sent=Sent("extra_paths"),
        ),
    )
    timeout: float = field(
        default=120.0,
        metadata=_about(
            "How long the check of one target may take, in seconds. On Linux, time in which other "
            "programs keep it from computing does not count, up to five times as long.",
            Number(0, DAY, above_minimum=True, unit="seconds"),
            sent=Sent("cpu_limit", lambda seconds: math.ceil(CPU_TIMES * seconds)),
        ),
    )
    memory_limit: float = field(
        default=8192.0,
        metadata=_about(
            "How much memory the check of one file may use, in MB; 0 for no limit. On Linux only.",
            Number(0, 100_000_000, unit="MB"),
            sent=Sent("memory_limit", lambda megabytes: int(megabytes * 2**20) or None),
        ),
    )
    gpu_memory_fraction: float = field(
        default=0.25,
        metadata=_about(
            "The fraction of a GPU's memory that a check may use.",
            Number(0, 1, above_minimum=True),
            sent=Sent("gpu_memory_fraction"),
        ),
    )
    fix_candidates: int = field(
        default=6,
        metadata=_about(
            "How many candidate fixes to try for one problem; 0 turns fixes off.",
            Number(0, 100, whole=True),
        ),
    )
    fix_seconds: float = field(
        default=60.0,
        metadata=_about(
            "How long to look for fixes after a check, in seconds.",
            Number(0, DAY, unit="seconds"),
        ),
    )
    standby: bool = field(
        default=False,
        metadata=_about(
            "Run each check in a process prepared beforehand instead of forking; always the case "
            "on Windows and macOS.",
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

    def for_check(self) -> dict[str, Any]:
        """Return the fields of `Check` that carry settings to a run."""
        return {
            setting.sent.field: setting.sent.convert(getattr(self, name))
            for name, setting in SETTINGS.items()
            if setting.sent is not None
        }


SETTINGS: Mapping[str, Setting] = {
    field.name: field.metadata["setting"] for field in dataclasses.fields(Settings)
}


def kebab(name: str) -> str:
    """Return the spelling of a field in pyproject.toml."""
    return name.replace("_", "-")


def camel(name: str) -> str:
    """Return the spelling of a field in an editor's options."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
