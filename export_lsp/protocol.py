"""The messages between server and worker, as plain data.

A message is a frozen dataclass; `wire` encodes and decodes it.  Loaded by server and worker, so
that this module needs nothing but the standard library and runs on every Python that the worker
supports (3.10 and newer).
"""

from __future__ import annotations

import typing
from dataclasses import dataclass, field
from typing import Literal

from export_lsp.stages import DEFAULT_STAGES, Stage

VERSION = 2

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


@dataclass(frozen=True, order=True)
class Position:
    """A position in a text, both counted from 0; `character` counts Unicode code points."""

    line: int
    character: int

    def __post_init__(self) -> None:
        if self.line < 0 or self.character < 0:
            raise ValueError(f"there is no line {self.line}, character {self.character}")


@dataclass(frozen=True)
class Location:
    """A range in a file, its end exclusive; `file` is the absolute path that the run imported."""

    file: str
    start: Position
    end: Position

    @property
    def beginning(self) -> Location:
        """The empty range at its start."""
        return Location(self.file, self.start, self.start)


def as_message(title: str, explanation: str) -> str:
    """Return the two parts of a message as one text, each on a line of its own."""
    return f"{title}\n{explanation}" if explanation else title


@dataclass(frozen=True)
class Related:
    """A further location of a finding, and a message that says what it has to do with it."""

    location: Location
    message: str


@dataclass(frozen=True)
class Replacement:
    """A location, and the text to write in its place."""

    location: Location
    text: str


@dataclass(frozen=True)
class Remedy:
    """An idea for a fix of a finding, in the user's names; nothing has been tried yet.

    `location` is the code that it is about, `text` the condition or the expression to write, `also`
    further replacements.  Remedies with the same `group` are ways to write one thing: only the
    first that works is offered.  `title` says what the remedy does if its kind and text do not:
    imperative, code in backticks, no full stop.  `data` depends on the kind.
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
    """One failure of one target in one mode.

    `modes` is empty for a stage that is the same in both modes.  `title` says what is wrong and
    with which expression, in at most `titles.LENGTH` characters; `explanation` says why, and what
    to do, in whole sentences.  Both use the user's own names.  `detail` is torch's full text.
    `url` is the best page about the failure, None for the rule's.  `silent` is set if torch.export
    succeeds all the same and does not report it, `alone` if the other mode's trace got past the
    location.  `limit` is set if the check had too little time or memory; once the model has been
    exported, that says nothing about it.  `remedies` are in the order of how likely they help.
    `library` is the failing expression if that is a library's; `location` is then the user's call
    that leads to it.
    """

    rule: RuleCode
    stage: Stage
    modes: tuple[Mode, ...]
    target: str
    location: Location
    title: str
    explanation: str = ""
    related: tuple[Related, ...] = ()
    detail: str = ""
    url: str | None = None
    data: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    alone: bool = False
    limit: bool = False
    remedies: tuple[Remedy, ...] = ()
    library: Location | None = None

    @property
    def message(self) -> str:
        """The title, and the explanation on a line of its own."""
        return as_message(self.title, self.explanation)

    @property
    def blamed(self) -> Location:
        """The failing expression, be it the user's or a library's."""
        return self.library or self.location


@dataclass(frozen=True)
class LeftOut:
    """A stage that the check of a target has left out, and the reason, to follow "because"."""

    stage: Stage
    reason: str


@dataclass(frozen=True)
class DimFact:
    """The sizes that an exported program accepts for a dimension of its inputs.

    `name` is that of its Dim, or another of the user's for it.  The sizes are the multiples of
    `multiple` from `minimum` to `maximum`, None if there is no largest.  `because` are the user's
    expressions that exclude others.
    """

    name: str
    minimum: int
    maximum: int | None
    multiple: int = 1
    because: tuple[Location, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """The outcome of a target's check, beside its findings.

    `location` is where the target's declaration begins.  `modes` and `stages` are those that were
    asked for.  `agrees` is set if the results of the exported program were compared with those of
    eager mode, and are the same.  `dynamic` is set if the target declares dynamic shapes.
    `stopped` is the rule of the fault by which the run broke off, None if it did not.  `dims` says
    which sizes the exported program accepts, and `conditions` how they depend on each other.
    """

    target: str
    location: Location
    modes: dict[Mode, ModeOutcome]
    stages: tuple[Stage, ...]
    agrees: bool = False
    dynamic: bool = False
    left_out: tuple[LeftOut, ...] = ()
    seconds: float = 0.0
    stopped: RuleCode | None = None
    dims: tuple[DimFact, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Value:
    """The tensors that an expression, or a name that is assigned there, had in a trace.

    `name` is "" for an expression; parameters are names.  `statement` is the code that the value
    depends on at this place: the assignment, the parameter, or the expression.  `after` is the end
    of the name's annotation or else of the name, and `function` the qualified name of the function
    around it.  `text` is the type of the tensors, such as "f32[batch, 64|128]": sizes are in the
    user's names, and those that differ among the `calls` are joined by "|".  `unusual_device` is
    set if `device` is not that of most tensors of the model.
    """

    name: str
    location: Location
    statement: Location
    after: Position
    function: str
    text: str
    calls: int = 1
    device: str = ""
    unusual_device: bool = False


@dataclass(frozen=True)
class DeclaredTarget:
    """A target from a table ``[[tool.export-lsp.target]]`` of pyproject.toml.

    `model`, `args`, `kwargs` and `dynamic_shapes` are expressions that are evaluated in the checked
    module.  `location` is the table, where an expression that fails is reported.
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
    """Check the targets of one file in a run of its own.

    `run` is a number that the server chooses; every event of the run repeats it.  `folder` is the
    workspace folder: the files in it are user code.  `build` is "fake" until a run asks for another
    one (`Rebuild`).  `memory_limit` is in bytes and `cpu_limit` in seconds of processor time for a
    target; None for no limit.  The targets in `skip` are left out: an earlier run of this check,
    which did not reach its end, has dealt with them.

    With `texts` the check is a trial.  The files have these texts instead of those on disk, and
    whatever keeps the model from running in eager mode is reported, as the texts may cause it.
    `only` has the names of the targets to check, none for all.  `rewritten` is set if the texts may
    change what the model computes, so that its results are compared with those of the files on
    disk.  With `varied` they are compared on variations of the example inputs as well; `guard` is
    the expression that is meant to have both truth values on them.

    `questions` has the targets whose last check needed values of the example inputs: they run in
    eager mode beside their trace from its beginning.

    A file that declares no target may be run as a script, up to a call of one of torch's exporters,
    which becomes the target.  `export` is the name of that target, or `ANY_EXPORT` for the first
    such call that is reached; "" for no such run.  `arguments` are the script's own.
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
    varied: bool = False
    guard: Location | None = None
    questions: tuple[str, ...] = ()
    export: str = ""
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kill:
    """End a run at once; its `Exited` follows.

    A run that is `late`, at the end of its time limit, first reports where it is with `Reached`.
    """

    run: int
    late: bool = False


# --- host → server -------------------------------------------------------------------------


@dataclass(frozen=True)
class Ready:
    """The host has imported torch, which took `seconds`.

    `version` is the host's `VERSION`; `python` and `torch` are versions as well.  `fork` is set if
    the host forks its runs.  `packages` are the folders that packages are imported from.
    `observed` are the process's observations (see `export_lsp.observed`): if one changes, a new
    process may import something else.
    """

    version: int
    python: str
    torch: str
    pid: int
    fork: bool
    seconds: float
    packages: tuple[str, ...] = ()
    observed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unusable:
    """The interpreter cannot check models; the host exits after this message.

    `reason` is "torch-missing", "torch-too-old", "torch-broken" or "python-too-old"; the server
    adds "interpreter-broken" and "version-skew".  `message` is one sentence for the user, `detail`
    the traceback for the log.
    """

    reason: str
    message: str
    detail: str = ""


@dataclass(frozen=True)
class Launched:
    """The process `pid` carries out a run; another one may follow, if it cannot."""

    run: int
    pid: int


@dataclass(frozen=True)
class Exited:
    """The process of a run has ended; `status` is its exit code, or a signal's number negated."""

    run: int
    status: int


@dataclass(frozen=True)
class Reached:
    """The user code that a run was executing at a fatal signal or at the end of its time limit."""

    run: int
    location: Location
    excerpt: str
    related: tuple[Related, ...] = ()


@dataclass(frozen=True)
class Output:
    """Text that user code has written to stdout or stderr."""

    run: int
    text: str


# --- run → (host →) server -----------------------------------------------------------------


@dataclass(frozen=True)
class ScriptStarted:
    """The file is run as a script, up to its export."""

    run: int


@dataclass(frozen=True)
class TargetsFound:
    """The names of all targets that the file declares, in the order in which they are checked."""

    run: int
    targets: tuple[str, ...]


@dataclass(frozen=True)
class TargetStarted:
    """The check of a target begins; `location` is its declaration, `modes` are to be exported."""

    run: int
    target: str
    location: Location
    modes: tuple[Mode, ...] = ()


@dataclass(frozen=True)
class ModeEnded:
    """The export of a target in one mode has ended."""

    run: int
    target: str
    mode: Mode
    outcome: ModeOutcome


@dataclass(frozen=True)
class TargetEnded:
    """The check of a target has ended; all of its findings have been reported."""

    run: int
    outcome: Outcome


@dataclass(frozen=True)
class StageEntered:
    """A stage of a target's check begins; `mode` is None for a stage that both modes share."""

    run: int
    target: str
    stage: Stage
    mode: Mode | None


@dataclass(frozen=True)
class Found:
    """A finding has been made.

    With `early` it was made by an early trace.  It is shown until the check has ended, which
    reports it again if it holds.
    """

    run: int
    finding: Finding
    early: bool = False


@dataclass(frozen=True)
class Compared:
    """The exported program of a target was compared with eager mode.

    `left_out` is the reason if it was not, for example that there are no values for the parameters;
    "" if it was.  In a trial, `refuses` is set if the edited model or its program raises for inputs
    that the model on disk takes, and `both_sides` if the inputs that were compared gave the guard
    both truth values.
    """

    run: int
    target: str
    left_out: str = ""
    refuses: bool = False
    both_sides: bool = False


@dataclass(frozen=True)
class Insight:
    """The values that the non-strict trace of a target had, in the user's files.

    Of a trace that failed they are those that it reached.
    """

    run: int
    target: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Rebuild:
    """A check fails because of how the model was built: check again with this build.

    It comes after the one before in `BUILDS`.
    """

    run: int
    build: Build
    reason: str


@dataclass(frozen=True)
class Log:
    """A line for the server's log; `level` is one of the logging module, in lower case."""

    run: int
    level: str
    text: str


@dataclass(frozen=True)
class Loaded:
    """The files that the run has read so far, and its observations.

    `files` has the user's Python files with their SHA-256, `observed` everything else, by the keys
    of `export_lsp.observed`, as far as it has not been reported before.  `unaccounted` says why the
    result may change while all of that stays the same; "" if it does not.
    """

    run: int
    files: dict[str, str]
    observed: dict[str, str] = field(default_factory=dict)
    unaccounted: str = ""


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
    """A leaf of the inputs of a submodule: a plain value as source `text`, or a tensor on the CPU.

    `size` is the shape of the tensor and `dynamic` has the numbers of its dynamic dimensions.
    """

    text: str = ""
    dtype: str = ""
    size: tuple[int, ...] = ()
    dynamic: tuple[int, ...] = ()
    requires_grad: bool = False


@dataclass(frozen=True)
class ModuleCall:
    """A call of a submodule: its path in the model, and the leaves of its inputs.

    `structure` is the tree spec of ``(args, kwargs)``, as ``torch.utils._pytree`` serialises it.
    """

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
    """All targets have been checked to the end.  `peak_memory` is in bytes."""

    run: int
    seconds: float
    peak_memory: int


Command = Check | Kill
RunEvent = (
    ScriptStarted
    | TargetsFound
    | TargetStarted
    | ModeEnded
    | TargetEnded
    | StageEntered
    | Found
    | Compared
    | Insight
    | Rebuild
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
HostEvent = Ready | Unusable | Launched
Message = Command | RunEvent | HostEvent
