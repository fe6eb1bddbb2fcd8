"""The messages of a host to the server."""

from __future__ import annotations

from dataclasses import dataclass, field

from export_lsp.protocol.places import Location, Related


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
