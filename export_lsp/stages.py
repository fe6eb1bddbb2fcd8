"""The table of stages: what each one is, for every part that asks.

A stage is a row here and a module or package of its name in ``worker/stages/``.  Rows are in the
order in which a check carries out the stages.  Loaded by server and worker, as `protocol` is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Stage = Literal[
    "load",
    "build",
    "inputs",
    "capture",
    "lower",
    "guards",
    "verify",
    "run",
    "save",
    "decompose",
    "backends",
]


@dataclass(frozen=True)
class StageInfo:
    """A row of the table.

    `doing` completes "while …" in progress reports and messages.  A stage with `needs_export` has
    the target exported.  One with `after_export` examines the exported program: its findings say
    that the export itself succeeded.  A failure in a stage with `hides_rest` keeps every later
    stage from running.  A `costly` stage takes long and is left out of trials that are not about
    it.  `default` stages are carried out unless the settings say otherwise.
    """

    name: Stage
    doing: str
    needs_export: bool = True
    after_export: bool = False
    hides_rest: bool = False
    costly: bool = False
    default: bool = True


_ROWS = (
    StageInfo("load", "importing the file", needs_export=False, hides_rest=True),
    StageInfo(
        "build", "building the model and its example inputs", needs_export=False, hides_rest=True
    ),
    StageInfo("inputs", "reading the example inputs", hides_rest=True),
    StageInfo("capture", "capturing the model"),
    StageInfo("lower", "lowering to ATen"),
    StageInfo("guards", "solving the guards"),
    StageInfo("verify", "verifying the exported program"),
    StageInfo("run", "comparing with eager", after_export=True),
    # Only those who save a program need to know that it can be saved.
    StageInfo("save", "saving and loading back", after_export=True, costly=True, default=False),
    # Late: it can take longer than all the others together.
    StageInfo("decompose", "decomposing to core ATen", after_export=True, costly=True),
    # Carried out for those backends that the settings or the target ask for.
    StageInfo(
        "backends", "converting for the backends", after_export=True, costly=True, default=False
    ),
)

TABLE: dict[Stage, StageInfo] = {row.name: row for row in _ROWS}
STAGES: tuple[Stage, ...] = tuple(TABLE)
DEFAULT_STAGES: tuple[Stage, ...] = tuple(row.name for row in _ROWS if row.default)
