"""The output of ``export-lsp show`` for a target, as text and as JSON."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export_lsp.cli.excerpt import source_lines
from export_lsp.cli.formats.json import dumps, place
from export_lsp.cli.report import shown_path
from export_lsp.protocol import DimFact, Location, Outcome, Value
from export_lsp.safe_text import one_line


@dataclass(frozen=True)
class ShownTarget:
    """A target of a file, with the values to show.

    With `every_place` the text has expressions as well as names.
    """

    file: str
    outcome: Outcome
    values: tuple[Value, ...]
    every_place: bool = False


def as_json(targets: Sequence[ShownTarget]) -> str:
    """Return the document.  Rows and columns start at 1; columns count characters."""
    return dumps({"targets": [_target(each) for each in targets]})


def as_text(targets: Sequence[ShownTarget], folder: Path) -> str:
    """Return the text; paths are relative to a folder."""
    return "\n".join(_text(each, folder) for each in targets)


# --- text ----------------------------------------------------------------------------------------


def _text(target: ShownTarget, folder: Path) -> str:
    outcome = target.outcome
    exported = [mode for mode, ended in outcome.modes.items() if ended == "exports"]
    verdict = f"exports ({', '.join(exported)})" if exported else "does not export"
    lines = [f"{_name(target.file, folder)}::{one_line(outcome.target)}  {verdict}"]
    width = max((len(dim.name) for dim in outcome.dims), default=0)
    lines += [f"  {_dim(dim, width, folder)}" for dim in outcome.dims]
    lines += [f"  {condition}" for condition in outcome.conditions]
    for (file, function), group in itertools.groupby(_shown(target), key=_function_of):
        lines += ["", f"{function}  {_name(file, folder)}"]
        lines += _rows(list(group))
    return "\n".join(lines) + "\n"


def _function_of(value: Value) -> tuple[str, str]:
    return value.location.file, value.function


def _shown(target: ShownTarget) -> list[Value]:
    return [value for value in target.values if value.name or target.every_place]


def _rows(values: Sequence[Value]) -> Iterator[str]:
    """Yield a row for each value, names with equal types in one line together."""
    names: list[tuple[int, str, str]] = []
    for (line, text), group in itertools.groupby(values, key=_line_and_type):
        alike = ", ".join(dict.fromkeys(value.name or _excerpt(value.location) for value in group))
        names.append((line, alike, text))
    width = max(len(each[1]) for each in names)
    for line, alike, text in names:
        yield f"  {line:>4}  {alike:<{width}}  {text}"


def _line_and_type(value: Value) -> tuple[int, str]:
    calls = f"  ×{value.calls}" if value.calls > 1 else ""
    device = f" {value.device}" if value.unusual_device else ""
    return value.location.start.line + 1, f"{value.text}{device}{calls}"


def _dim(dim: DimFact, width: int, folder: Path) -> str:
    most = str(dim.maximum) if dim.maximum is not None else ""
    multiple = f", multiple of {dim.multiple}" if dim.multiple > 1 else ""
    places = [f"{_name(each.file, folder)}:{each.start.line + 1}" for each in dim.because]
    because = f"  {', '.join(dict.fromkeys(places))}" if places else ""
    return f"{dim.name:<{width}}  {dim.minimum}…{most}{multiple}{because}"


def _name(file: str, folder: Path) -> str:
    return one_line(shown_path(file, folder))


def _excerpt(location: Location) -> str:
    """The text of a location, of several lines only the first."""
    lines = source_lines(location.file)
    if location.start.line >= len(lines):
        return ""
    first = lines[location.start.line]
    if location.end.line > location.start.line:
        return one_line(f"{first[location.start.character :]} …")
    return one_line(first[location.start.character : location.end.character])


# --- JSON ----------------------------------------------------------------------------------------


def _target(target: ShownTarget) -> dict[str, Any]:
    outcome = target.outcome
    return {
        "name": outcome.target,
        "filename": target.file,
        "exports": {mode: ended == "exports" for mode, ended in outcome.modes.items()},
        "dims": [
            {
                "name": dim.name,
                "min": dim.minimum,
                "max": dim.maximum,
                "multiple": dim.multiple,
                "because": [{**place(each), "expression": _excerpt(each)} for each in dim.because],
            }
            for dim in outcome.dims
        ],
        "values": [
            {
                "name": value.name or _excerpt(value.location),
                **place(value.location),
                "text": value.text,
                "calls": value.calls,
            }
            for value in target.values
        ],
        "conditions": list(outcome.conditions),
    }
