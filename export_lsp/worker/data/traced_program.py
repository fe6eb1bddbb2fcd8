"""The result of an export in one mode, and the options of the stages that examine it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from torch.export import ExportedProgram

from export_lsp.protocol import Mode, Opset
from export_lsp.worker.data.learned import Learned

# Why a stage is left out.
RESUMED = "the trace was resumed past a failure"
NO_GPU = "it needs a GPU that is not there"
NO_DATA = "the program has constants without values"


@dataclass(frozen=True)
class ExportOutcome:
    """The result of an export in one mode.

    `program` is None if there is none.  `complete` says that the trace covered all of the model
    that the example inputs reach.  `learned` has what is shown of an export beside its
    failures.
    """

    program: TracedProgram | None
    complete: bool
    learned: Learned = field(default_factory=Learned)


@dataclass(frozen=True)
class TracedProgram:
    """The exported program of one mode.

    `altered` says that the trace was resumed past a failure that would have ended torch's own.
    `faithful` says that it was not, and that no finding so far makes the program differ from eager
    mode.
    """

    program: ExportedProgram
    mode: Mode
    altered: bool = False
    faithful: bool = True


@dataclass(frozen=True)
class ProgramOptions:
    """The options of a stage that examines an exported program.

    `log` takes a line for the log, `leave_out` the reason why the stage is left out, to follow
    "because".  `export_seconds` is the processor time that the exports of the target took.
    `decomposed` takes the program in terms of core operators, if the stage makes it.
    """

    opset: Opset
    log: Callable[[str], None]
    leave_out: Callable[[str], None]
    export_seconds: float = 0.0
    decomposed: Callable[[ExportedProgram], None] = lambda _: None
