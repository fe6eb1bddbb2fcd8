"""The messages of a run, which its host forwards to the server."""

from __future__ import annotations

from dataclasses import dataclass, field

from export_lsp.protocol.costs import ClassCost, ModuleCost, Operators
from export_lsp.protocol.finding import Finding
from export_lsp.protocol.graph import GraphLine
from export_lsp.protocol.outcome import Outcome, Value
from export_lsp.protocol.places import Location
from export_lsp.protocol.vocabulary import Build, GraphLevel, Mode, ModeOutcome
from export_lsp.stages import Stage


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
    """The values that the trace of a target had, in the user's files.

    The trace is that of non-strict mode, if both are exported.  Of one that failed they are those
    that it reached.
    """

    run: int
    target: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Costs:
    """The operators that a target's program consists of, and its cost.

    `operators` has those of every expression in the user's files that became any, by file.
    """

    run: int
    target: str
    operators: tuple[Operators, ...]
    modules: tuple[ModuleCost, ...]
    classes: tuple[ClassCost, ...]


@dataclass(frozen=True)
class Graph:
    """The graph of a target's program as text, in answer to `Check.graph`."""

    run: int
    target: str
    level: GraphLevel
    lines: tuple[GraphLine, ...]


@dataclass(frozen=True)
class ShapesSuggested:
    """The widest ``dynamic_shapes`` that a target exports with.

    `text` is the expression, in the names that the file has; "" if there are none.  `modes` are
    those that it was proved in, and `note` says what limits it, as a clause.
    """

    run: int
    target: str
    text: str
    modes: tuple[Mode, ...] = ()
    note: str = ""


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
