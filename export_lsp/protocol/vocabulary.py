"""The words and names that both sides use: modes, rules, kinds of remedies, process names."""

from __future__ import annotations

import typing
from typing import Literal

Mode = Literal["non-strict", "strict"]
MODES: tuple[Mode, ...] = typing.get_args(Mode)

RuleCode = Literal[
    "load-error",
    "build-error",
    "invalid-input",
    "invalid-dynamic-shapes",
    "forward-error",
    "graph-break",
    "data-dependent-branch",
    "data-dependent-guard",
    "unsupported-operator",
    "unsupported-output",
    "unregistered-state",
    "constraint-violation",
    "specialization",
    "verifier-violation",
    "decomposition-error",
    "numerics-mismatch",
    "serialization-error",
    "backend-unsupported",
    "backend-mismatch",
    "backend-fallback",
    "backend-unavailable",
    "timeout",
    "out-of-memory",
    "worker-crash",
    "internal-error",
    "no-target",
    "unused-ignore",
]

# What a remedy does.  Each kind has a module in `fixes/kinds/`, which writes the remedy as edits
# and describes how the kind uses the fields of `Remedy`.
RemedyKind = Literal[
    "check",
    "replace",
    "remove",
    "assertion",
    "branch",
    "size-branch",
    "buffer",
    "fake-kernel",
    "register-class",
    "declaration",
]

# The levels of a program: as torch exports it, and in terms of core operators.
GraphLevel = Literal["export", "core"]
GRAPH_LEVELS: tuple[GraphLevel, ...] = typing.get_args(GraphLevel)

# Which parameters are fake: all, none, or only large ones.
Build = Literal["fake", "real", "mixed"]
BUILDS: tuple[Build, ...] = typing.get_args(Build)

# The names of worker processes in the system's list (Linux; at most 15 bytes) are this prefix and
# a role.  `doctor` finds them by name, whichever server they belong to, and describes each role.
PROCESS_PREFIX = "exportlsp-"
Role = Literal["host", "spare", "run", "early", "libs", "model"]
ROLES: dict[str, str] = {
    "host": "has torch imported; runs are forked from it",
    "spare": "waits for the next check",
    "run": "carries out a check",
    "early": "traces the edited submodules alone",
    "libs": "has also imported the libraries of some files",
    "model": "has also built the model of a file, for edits of function bodies",
}

# How many library hosts are kept.  The modules of each take some hundred megabytes.
KEPT_LIBRARY_HOSTS = 2
# How many model hosts the main host keeps, and each library host.
KEPT_MODEL_HOSTS = 2

# How an export in one mode ended.  "unknown": the check did not get there, or had too little time
# or memory, which says nothing about the model.
ModeOutcome = Literal["exports", "fails", "unknown"]

# The operators that a decomposed program may contain: those that torch's own table of
# decompositions leaves, core ATen, or ExecuTorch's edge dialect.
Opset = Literal["default", "core-aten", "edge"]

# The systems that an exported program can be converted for.  Each is the module of its name, with
# underscores, in ``worker/backends/``.
Backend = Literal["onnx", "executorch", "executorch-xnnpack", "aot-inductor"]
BACKENDS: tuple[Backend, ...] = typing.get_args(Backend)
# They take minutes, and are converted for only if the command line asks for them.
ON_REQUEST: tuple[Backend, ...] = ("aot-inductor",)

# The conventions of declaring targets in Python, and the names of each, one of which every file
# that uses it contains: a file without any of them is not sent to a worker.  Each is the module of
# its name in ``worker/targets/conventions/``.
CONVENTIONS: dict[str, tuple[str, ...]] = {
    "exportdb": ("example_args", "example_kwargs"),
    "export_targets": ("export_targets",),
    "executorch": ("get_eager_model",),
    "kernelbench": ("get_inputs",),
}
TARGET_NAMES = tuple(name for names in CONVENTIONS.values() for name in names)


# In `Check.export`: the first export that a script reaches.
ANY_EXPORT = "*"

# The exit status of a run in which our own code failed; its log has the traceback.
INTERNAL_ERROR = 70

# The variable with the directory in which the processes of a host make their own for temporary
# files.  Beside that of each process is one for notes: the names of the files in it begin with the
# kind of the note.
TEMPORARY_FILES = "EXPORT_LSP_TEMPORARY_FILES"
NOTES_SUFFIX = ".notes"
SEGMENT_NOTE = "segment-"
FORK_NOTE = "fork-"

# In place of the number of a run: the event is about the host itself.
NO_RUN = 0
