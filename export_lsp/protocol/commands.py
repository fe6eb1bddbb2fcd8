"""The messages of the server to a host."""

from __future__ import annotations

from dataclasses import dataclass, field

from export_lsp.protocol.places import Location
from export_lsp.protocol.vocabulary import MODES, Backend, Build, GraphLevel, Mode, Opset
from export_lsp.stages import DEFAULT_STAGES, Stage


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
    backends: tuple[Backend, ...] | None = None


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

    The programs of targets that choose no backends of their own are converted for `backends`.
    `backends_location` is the line of that setting, None if it is not in pyproject.toml.

    `questions` has the targets whose last check needed values of the example inputs: they run in
    eager mode beside their trace from its beginning.

    A file that declares no target may be run as a script, up to a call of one of torch's exporters,
    which becomes the target.  `export` is the name of that target, or `ANY_EXPORT` for the first
    such call that is reached; "" for no such run.  `arguments` are the script's own.

    `graph` is the level of the programs whose graphs are reported as text, None for no graphs.
    With `suggests_shapes` the targets are built, and instead of being checked the widest dynamic
    shapes of each are looked for (`ShapesSuggested`).
    """

    run: int
    folder: str
    file: str
    targets: tuple[DeclaredTarget, ...] = ()
    modes: tuple[Mode, ...] = MODES
    stages: tuple[Stage, ...] = DEFAULT_STAGES
    opset: Opset = "default"
    backends: tuple[Backend, ...] = ()
    backends_location: Location | None = None
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
    graph: GraphLevel | None = None
    suggests_shapes: bool = False


@dataclass(frozen=True)
class Kill:
    """End a run at once; its `Exited` follows.

    A run that is `late`, at the end of its time limit, first reports where it is with `Reached`.
    """

    run: int
    late: bool = False
