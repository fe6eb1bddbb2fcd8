"""The operators that expressions become, and the cost of modules."""

from __future__ import annotations

from dataclasses import dataclass

from export_lsp.protocol.places import Location


@dataclass(frozen=True)
class Operators:
    """The operators that an expression became, in the order of their first call.

    They are those that make tensors, without their overloads, such as "aten.linear".  `core` are
    those of core ATen that these decompose into, and `other` the ones outside of it that are left.
    Both are empty if the program was not decomposed.
    """

    location: Location
    operators: tuple[str, ...]
    core: tuple[str, ...] = ()
    other: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flops:
    """The multiplications and additions in matrix products, convolutions and attention.

    `formula` is in the user's names of sizes, in Python's syntax; it is "" if a size has no name.
    `example` is the number for the example inputs, None if it depends on their data.  `most` is the
    number for the largest inputs that the program accepts, None if there are no largest.  Without
    `complete` there are more: an operator that computes has no formula.
    """

    formula: str = "0"
    example: int | None = 0
    most: int | None = 0
    complete: bool = True


@dataclass(frozen=True)
class Cost:
    """The parameters of modules and the operations of running them.

    `bytes` is the size of the parameters and buffers.  `flops` is None if the program was not
    decomposed.
    """

    parameters: int
    bytes: int
    flops: Flops | None = None


@dataclass(frozen=True)
class ModuleCost:
    """The cost of a module, its submodules included: `path` is "" for the model itself."""

    path: str
    class_name: str
    cost: Cost


@dataclass(frozen=True)
class ClassCost:
    """The cost of all modules of a class in the user's files.

    `location` is the name in the definition of the class, `modules` how many there are.  The shares
    of the parameters and of the operations of the model are between 0 and 1.
    """

    name: str
    location: Location
    modules: int
    cost: Cost
    parameter_share: float = 0.0
    flop_share: float = 0.0
