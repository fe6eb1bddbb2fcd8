"""The knowledge that a check has gained besides failures: outcomes, sizes, shapes."""

from __future__ import annotations

from dataclasses import dataclass

from export_lsp.protocol.costs import Cost
from export_lsp.protocol.places import Location, Position
from export_lsp.protocol.vocabulary import Backend, Mode, ModeOutcome, RuleCode
from export_lsp.stages import Stage


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
class BackendFact:
    """The operators of a program that a backend takes.

    `package` is the one that converts, with its version.  `taken` is the number of the program's
    `operators` that the backend has a conversion for.  `flops` is their share of the computation,
    None if it is not known.  `converted` is set if the conversion succeeded, and `agrees` if the
    results of the converted program were compared with those of eager mode, and are the same.
    """

    backend: Backend
    package: str
    taken: int
    operators: int
    flops: float | None = None
    converted: bool = False
    agrees: bool = False


@dataclass(frozen=True)
class Outcome:
    """The outcome of a target's check, beside its findings.

    `location` is where the target's declaration begins.  `modes` and `stages` are those that were
    asked for.  `agrees` is set if the results of the exported program were compared with those of
    eager mode, and are the same.  `dynamic` is set if the target declares dynamic shapes.
    `stopped` is the rule of the fault by which the run broke off, None if it did not.  `dims` says
    which sizes the exported program accepts, and `conditions` how they depend on each other.
    `cost` is that of the whole model, None without a program.
    `backends` are those that the program was converted for.
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
    cost: Cost | None = None
    backends: tuple[BackendFact, ...] = ()


@dataclass(frozen=True)
class Value:
    """The tensors that an expression, or a name that is assigned there, had in a trace.

    `name` is "" for an expression; parameters are names.  `statement` is the code that the value
    depends on at this place: the assignment, the parameter, or the expression.  `after` is the end
    of the name's annotation or else of the name, and `function` the qualified name of the function
    around it.  `text` is the type of the tensors, such as "f32[batch, 64|128]": sizes are in the
    user's names, and those that differ among the `calls` are joined by "|".  `unusual_device` is
    set if `device` is not that of most tensors of the model.  `modules` are the paths of the first
    and the last module that the function was called in, of one module or none alone; the model's
    own is "".
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
    modules: tuple[str, ...] = ()
