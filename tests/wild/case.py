"""A model of a library at a small size, and the file that declares it."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field

DYNAMIC_BATCH = "{0: Dim('batch', min=2, max=64)}"


@dataclass(frozen=True)
class Case:
    """A model: an expression that builds it, and its example inputs.

    `args` are expressions, one for each positional argument, `kwargs` expressions by name; tensors
    have a batch of two in dimension 0.  `setup` are statements before them, besides the library's
    own.  `dynamic` gives the entry of ``dynamic_shapes`` for each argument, by default a batch in
    dimension 0 of every tensor; None where the model has no batch.  `text` is the whole file, for a
    model that has one.
    """

    name: str
    model: str
    args: tuple[str, ...] = ()
    kwargs: dict[str, str] = field(default_factory=dict)
    setup: str = ""
    dynamic: tuple[str, ...] | None = ("batch",)
    text: str = ""


@dataclass(frozen=True)
class Library:
    """A library and its cases.

    `requirements` are pip's, the torch that fits the library first; libraries with the same
    `environment` share one.  `module` is imported once for all cases, `setup` is at the top of
    every file.
    """

    name: str
    module: str
    environment: str
    requirements: tuple[str, ...]
    setup: str
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class CaseFile:
    """A file to check: a case with static shapes or with a dynamic batch."""

    library: str
    name: str
    text: str

    @property
    def file_name(self) -> str:
        """The name of the file, which is a Python module."""
        return "".join(c if c.isalnum() else "_" for c in self.name).lower() + ".py"


def files(library: Library) -> Iterator[CaseFile]:
    """The files of a library: every case with static shapes, then with a dynamic batch."""
    for case in library.cases:
        yield CaseFile(library.name, case.name, _text(library, case, ""))
        if case.dynamic is not None:
            spec = f"dynamic_shapes = {_spec(case, case.dynamic)}\n"
            yield CaseFile(library.name, f"{case.name} (batch)", _text(library, case, spec))


def _text(library: Library, case: Case, spec: str) -> str:
    if case.text:
        return case.text
    setup = "\n".join(textwrap.dedent(text).strip() for text in (library.setup, case.setup) if text)
    kwargs = ", ".join(f"{name!r}: {value}" for name, value in case.kwargs.items())
    args = "".join(f"{value}, " for value in case.args)
    lines = [
        "import torch",
        "from torch.export import Dim",
        setup,
        f"model = {case.model}",
        f"example_args = ({args.rstrip()})" if case.args else "example_args = ()",
    ]
    if kwargs:
        lines.append(f"example_kwargs = {{{kwargs}}}")
    return "\n".join(lines) + "\n" + spec


def _spec(case: Case, entries: tuple[str, ...]) -> str:
    count = len(case.args) + len(case.kwargs)
    given = [DYNAMIC_BATCH if entry == "batch" else entry for entry in entries]
    every = given * count if len(given) == 1 else given
    args = "".join(f"{entry}, " for entry in every[: len(case.args)]).rstrip()
    if not case.kwargs:
        return f"({args})"
    # By name is how export wants the two together; positional arguments are named by the case.
    named = dict(zip(case.kwargs, every[len(case.args) :], strict=True))
    if case.args:
        raise ValueError(f"{case.name}: give all inputs by name, or all by position")
    return "{" + ", ".join(f"{name!r}: {entry}" for name, entry in named.items()) + "}"


def small(name: str, model: str, *args: str, **fields: object) -> Case:
    """Return a case with positional arguments."""
    return dataclasses.replace(Case(name, model, args), **fields)  # type: ignore[arg-type]
