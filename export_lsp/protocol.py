"""What server and worker say to each other: plain data.

This module is loaded by both sides, so it needs nothing but the standard library and must run
on every Python the worker supports (3.10 and newer).

A message is a frozen dataclass; `wire` writes and reads it.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass, field
from typing import Literal

from export_lsp.stages import DEFAULT_STAGES, Stage

VERSION = 1

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
    "timeout",
    "out-of-memory",
    "worker-crash",
    "internal-error",
    "no-target",
]

# What can be done about a finding; `fixes/` on the server's side has a module for each, which makes
# edits of it.  How each uses the fields of `Remedy` stands there.
RemedyKind = Literal[
    "check",
    "replace",
    "remove",
    "assertion",
    "branch",
    "buffer",
    "fake-kernel",
    "register-class",
    "declaration",
]

Build = Literal["fake", "real"]

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

# The operators a decomposed program may consist of: whatever torch's own table leaves, core ATen,
# or what ExecuTorch's edge dialect takes.
Opset = Literal["default", "core-aten", "edge"]

# Every file that declares a target contains one of these names: the `MARKERS` of the conventions in
# `worker/targets/conventions/`.  Other files are not sent to a worker.
TARGET_NAMES = (
    "example_args",
    "example_kwargs",
    "export_targets",
    "get_eager_model",
    "get_inputs",
)


# The first export of a script that it comes to.
ANY_EXPORT = "*"

# The exit status of a run in which our own code failed; its log has the traceback.
INTERNAL_ERROR = 70


# The number of no run: of what a host says of itself.
NO_RUN = 0


@dataclass(frozen=True, order=True)
class Position:
    """A place in a text: both counts start at 0, characters are Unicode code points."""

    line: int
    character: int

    def __post_init__(self) -> None:
        if self.line < 0 or self.character < 0:
            raise ValueError(f"there is no line {self.line}, character {self.character}")


@dataclass(frozen=True)
class Location:
    """A range in a file, end exclusive.  `file` is an absolute path as the run imported it."""

    file: str
    start: Position
    end: Position


@dataclass(frozen=True)
class Related:
    """A second place that belongs to a finding, and what it has to do with it."""

    location: Location
    message: str


@dataclass(frozen=True)
class Replacement:
    """A place and the text that is to stand there instead."""

    location: Location
    text: str


@dataclass(frozen=True)
class Remedy:
    """What would help against a finding, in the user's names, not yet tried.

    `location` is what it is about, `text` the condition or the expression to write, `also` further
    places.  Of the remedies of a finding that name the same `group` only the first that works is
    offered: they are ways of writing one thing.  `title` says what it does where its kind and text
    do not: imperative, code in backticks, no full stop.
    """

    kind: RemedyKind
    location: Location
    text: str = ""
    also: tuple[Replacement, ...] = ()
    group: str = ""
    title: str = ""
    data: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """One problem of one target, as one mode met it.

    `modes` is empty for the stages that come before the modes part ways.  `message` is one
    sentence in the user's own names and, after it, what to do; `detail` is torch's full text.
    `silent` says that torch.export succeeds all the same and does not mention it, `alone` that the
    other mode's trace went past the place.  `remedies` are what may help, the likeliest first.
    """

    rule: RuleCode
    stage: Stage
    modes: tuple[Mode, ...]
    target: str
    location: Location
    message: str
    related: tuple[Related, ...] = ()
    detail: str = ""
    url: str | None = None
    data: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    alone: bool = False
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True)
class DeclaredTarget:
    """A ``[[tool.export-lsp.target]]`` table: expressions to evaluate in the checked module.

    `location` is the table in pyproject.toml, blamed for expressions that do not evaluate.
    """

    name: str
    model: str
    args: str | None
    kwargs: str | None
    dynamic_shapes: str | None
    modes: tuple[Mode, ...] | None
    location: Location


# --- server → host -------------------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """Check one file's targets in a run of its own.

    `run` is chosen by the server and comes back in every event.  `folder` is the workspace
    folder: files below it are the user's.  `build` is "fake" at first, "real" after `NeedsReal`.
    `memory_limit` is in bytes, `cpu_limit` in seconds of processor time a target, None for none.
    Targets named in `skip` are not checked: they were, in an earlier run of this check that ended
    early.

    With `texts` it is a trial: these files are taken to have these texts, and whatever keeps the
    model from running in eager is reported, as it may be the fault of those.  `only` names the
    targets to check, none for all.  `rewritten` says that the texts may have changed what the model
    computes, so that its results are compared with those of the files on disk.

    `questions` names the targets which were asked about their example's data the last time: they
    run in eager beside their trace from its beginning.

    Where nothing is declared the file may be run as a script, up to a call of one of torch's
    exporters, which is the target: `export` is its name, or `ANY_EXPORT` for the first it comes to.
    """

    run: int
    folder: str
    file: str
    targets: tuple[DeclaredTarget, ...] = ()
    modes: tuple[Mode, ...] = MODES
    stages: tuple[Stage, ...] = DEFAULT_STAGES
    opset: Opset = "default"
    device: str = "auto"
    build: Build = "fake"
    memory_limit: int | None = None
    cpu_limit: int | None = None
    gpu_memory_fraction: float = 0.25
    environment: dict[str, str] = field(default_factory=dict)
    extra_paths: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    rewritten: bool = False
    questions: tuple[str, ...] = ()
    export: str = ""


@dataclass(frozen=True)
class Kill:
    """End a run at once; its `Exited` follows.

    One that is `late` is asked first where it is: `Reached` comes before.
    """

    run: int
    late: bool = False


# --- host → server -------------------------------------------------------------------------


@dataclass(frozen=True)
class Ready:
    """The host has imported torch; `packages` are the folders that it imports packages from."""

    version: int
    python: str
    torch: str
    pid: int
    fork: bool
    seconds: float
    packages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unusable:
    """The interpreter cannot check models; the host exits after saying so.

    `reason` is "torch-missing", "torch-too-old", "torch-broken", "python-too-old" or, from the
    server's side, "interpreter-broken" or "version-skew"; `message` is one sentence for the user,
    `detail` the traceback for the log.
    """

    reason: str
    message: str
    detail: str = ""


@dataclass(frozen=True)
class Exited:
    """The run's process is gone.  `status` is the exit code, negative for a signal."""

    run: int
    status: int


@dataclass(frozen=True)
class Reached:
    """The user's code that a run was at when a fatal signal or the end of its time met it."""

    run: int
    location: Location
    excerpt: str
    related: tuple[Related, ...] = ()


@dataclass(frozen=True)
class Output:
    """What user code wrote to stdout or stderr."""

    run: int
    text: str


# --- run → (host →) server -----------------------------------------------------------------


@dataclass(frozen=True)
class TargetsFound:
    """The names of all targets the file declares, in the order in which they are checked."""

    run: int
    targets: tuple[str, ...]


@dataclass(frozen=True)
class TargetStarted:
    """From here on, findings are those of `target`; `location` is its declaration."""

    run: int
    target: str
    location: Location


@dataclass(frozen=True)
class StageEntered:
    run: int
    target: str
    stage: Stage
    mode: Mode | None


@dataclass(frozen=True)
class Found:
    """With `early` it is of a trace of the edited module alone, and stands until the check has
    ended, which tells it again."""

    run: int
    finding: Finding
    early: bool = False


@dataclass(frozen=True)
class Compared:
    """The program of a target was run against eager, or was not, for this reason."""

    run: int
    target: str
    left_out: str = ""


@dataclass(frozen=True)
class NeedsReal:
    """Building with fake parameters failed where real ones may not: check again with them."""

    run: int
    reason: str


@dataclass(frozen=True)
class Log:
    """For the log: `level` is a name of the logging module ("debug" … "error")."""

    run: int
    level: str
    text: str


@dataclass(frozen=True)
class Loaded:
    """Workspace files the run has read so far, data included, with the SHA-256 of each."""

    run: int
    files: dict[str, str]


@dataclass(frozen=True)
class Imported:
    """The libraries that the run has imported; only hosts receive this.

    `modules` are modules outside the workspace with their files, `statements` are the import
    statements of the user's files, by file.  `built` is the target that the run has just built.
    """

    run: int
    modules: dict[str, str]
    statements: dict[str, tuple[str, ...]]
    built: str = ""


@dataclass(frozen=True)
class Leaf:
    """A part of a submodule's input: the `text` of a plain value, or a tensor of this `size` on the
    CPU, of which some dimensions are `dynamic`."""

    text: str = ""
    dtype: str = ""
    size: tuple[int, ...] = ()
    dynamic: tuple[int, ...] = ()
    requires_grad: bool = False


@dataclass(frozen=True)
class ModuleCall:
    """A submodule, by its path in the model, and what it is called with; `structure` is that of
    ``(args, kwargs)``, as torch's pytree writes it."""

    module: str
    structure: str
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True)
class Traced:
    """The calls of submodules in the trace of a target; only hosts receive this."""

    run: int
    target: str
    calls: tuple[ModuleCall, ...]


@dataclass(frozen=True)
class Declined:
    """The run cannot continue from the snapshot of its host; only hosts receive this.

    The host starts the check elsewhere.
    """

    run: int
    reason: str


@dataclass(frozen=True)
class Finished:
    """Every target was checked to its end.  `peak_memory` is in bytes."""

    run: int
    seconds: float
    peak_memory: int


Command = Check | Kill
RunEvent = (
    TargetsFound
    | TargetStarted
    | StageEntered
    | Found
    | Compared
    | NeedsReal
    | Log
    | Loaded
    | Imported
    | Traced
    | Declined
    | Finished
    | Output
    | Reached
    | Exited
)
HostEvent = Ready | Unusable
Message = Command | RunEvent | HostEvent
