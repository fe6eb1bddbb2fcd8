"""A backend: a system that exported programs are converted for, and its answer for one of them.

A backend is a module of this package with the names in `Backend`.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from torch.export import ExportedProgram
from torch.fx import Node

from export_lsp import protocol

# Takes the leaves of the inputs and returns those of the outputs, without constants.
Run = Callable[[Sequence[Any]], Sequence[Any]]


@dataclass(frozen=True)
class Refusal:
    """A node that a backend does not take, or leaves to another.

    `node` is None if all of the program is refused.  `label` says what is wrong as in `Words`,
    `why` in whole sentences why, in the backend's words, and `advice` what to do.  `operator` is
    the operator that has no counterpart, such as "aten::cummax"; "" for other reasons.
    """

    node: Node | None
    error: BaseException
    label: str
    why: str
    advice: str = ""
    operator: str = ""


@dataclass(frozen=True)
class Conversion:
    """A backend's answer for one program.

    Attributes:
        program: The program that was converted: decomposed as the backend needs it.
        package: The package that converts, with its version.
        refusals: The nodes that it does not take.
        fallbacks: The nodes that it leaves to slower code.
        run: Runs the converted program; None if it cannot be run here, or was refused.
        runs_on: What `run` runs it on, with the version.
        not_run: Why it cannot be run, to follow "because".
        nodes: The nodes that call its operators, if they are not all in `program`.
    """

    program: ExportedProgram
    package: str
    refusals: tuple[Refusal, ...] = ()
    fallbacks: tuple[Refusal, ...] = ()
    run: Run | None = None
    runs_on: str = ""
    not_run: str = ""
    nodes: tuple[Node, ...] = ()


class RefusedAtRunError(Exception):
    """The backend's runtime cannot load the converted program; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal.error))
        self.refusal = refusal


class Backend(Protocol):
    """The names of a backend's module.  Importing it imports nothing of the backend's.

    `LABEL` is how people call the backend.  `PACKAGES` maps the modules that it needs to what pip
    installs, the converter first.  A module may have `SECONDS`, the time that it may take.
    """

    LABEL: str
    PACKAGES: Mapping[str, str]

    def convert(self, program: ExportedProgram) -> Conversion:
        """Convert a program, whose parameters have values if they fit into memory.

        Raises:
            Exception: whatever the backend raises for a reason that it does not give a node for.
        """


def load(name: protocol.Backend) -> Backend:
    """Import the module of a backend."""
    module = importlib.import_module(f"{__package__}.{name.replace('-', '_')}")
    return cast(Backend, module)


def missing_packages(backend: Backend) -> list[str]:
    """Return what pip has to install for a backend; nothing is imported for that."""
    return [
        package
        for module, package in backend.PACKAGES.items()
        if importlib.util.find_spec(module) is None
    ]


def with_version(package: str) -> str:
    """Return the name of an installed package with its version: "onnxscript 0.5.6"."""
    try:
        return f"{package} {importlib.metadata.version(package)}"
    except importlib.metadata.PackageNotFoundError:
        return package
