"""The output of ``export-lsp show`` for a target, as text and as JSON."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export_lsp.cli.excerpt import source_lines
from export_lsp.cli.formats.json import dumps, place
from export_lsp.cli.report import shown_path
from export_lsp.protocol import Costs, DimFact, Flops, Graph, Location, Operators, Outcome, Value
from export_lsp.safe_text import one_line
from export_lsp.verdicts.backends import backend_sentence
from export_lsp.verdicts.costs import class_phrase, cost_phrase, formula_phrase
from export_lsp.verdicts.graphs import graph_document
from export_lsp.verdicts.operators import operators_in, operators_phrase


@dataclass(frozen=True)
class ShownTarget:
    """A target of a file, with the values to show.

    With `every_place` the text has expressions as well as names, and operators.  With a graph
    it has nothing else.
    """

    file: str
    outcome: Outcome
    values: tuple[Value, ...]
    costs: Costs | None = None
    graph: Graph | None = None
    every_place: bool = False

    @property
    def operators(self) -> tuple[Operators, ...]:
        """The operators of all expressions, if the program is known."""
        return self.costs.operators if self.costs is not None else ()


def as_json(targets: Sequence[ShownTarget]) -> str:
    """Return the document.  Rows and columns start at 1; columns count characters."""
    return dumps({"targets": [_target(each) for each in targets]})


def as_text(targets: Sequence[ShownTarget], folder: Path) -> str:
    """Return the text; paths are relative to a folder."""
    return "\n".join(_text(each, folder) for each in targets)


# --- text ----------------------------------------------------------------------------------------


def _text(target: ShownTarget, folder: Path) -> str:
    outcome = target.outcome
    if target.graph is not None:
        label = f"{_name(target.file, folder)}::{one_line(outcome.target)}"
        document = graph_document(label, target.graph, outcome)
        return "".join(f"{one_line(line.text)}\n" for line in document)
    exported = [mode for mode, ended in outcome.modes.items() if ended == "exports"]
    verdict = f"exports ({', '.join(exported)})" if exported else "does not export"
    lines = [f"{_name(target.file, folder)}::{one_line(outcome.target)}  {verdict}"]
    width = max((len(dim.name) for dim in outcome.dims), default=0)
    lines += [f"  {_dim(dim, width, folder)}" for dim in outcome.dims]
    lines += [f"  {condition}" for condition in outcome.conditions]
    lines += _cost(target, folder)
    lines += [f"  {backend_sentence(fact)}" for fact in outcome.backends]
    for (file, function), group in itertools.groupby(_shown(target), key=_function_of):
        lines += ["", f"{function}  {_name(file, folder)}"]
        lines += _rows(list(group), target.operators if target.every_place else ())
    return "\n".join(lines) + "\n"


def _function_of(value: Value) -> tuple[str, str]:
    return value.location.file, value.function


def _shown(target: ShownTarget) -> list[Value]:
    return [value for value in target.values if value.name or target.every_place]


def _cost(target: ShownTarget, folder: Path) -> Iterator[str]:
    """Yield the cost of the model, and those of its classes."""
    cost = target.outcome.cost
    if phrase := cost_phrase(cost):
        yield f"  {phrase}"
    formula = formula_phrase(cost.flops) if cost is not None else ""
    if formula:
        yield f"  FLOPs  {one_line(formula)}"
    known = target.costs.classes if target.costs is not None and not target.every_place else ()
    classes = [each for each in known if class_phrase(each)]
    if classes:
        yield ""
    width = max((len(each.name) for each in classes), default=0)
    for each in classes:
        place = f"{_name(each.location.file, folder)}:{each.location.start.line + 1}"
        yield f"{each.name:<{width}}  {class_phrase(each)}  {place}"


def _rows(values: Sequence[Value], operators: Sequence[Operators]) -> Iterator[str]:
    """Yield a row for each value, names with equal types in one line together."""
    names: list[tuple[int, str, str]] = []
    for (line, text), group in itertools.groupby(values, key=_line_and_type(operators)):
        alike = ", ".join(dict.fromkeys(value.name or _excerpt(value.location) for value in group))
        names.append((line, alike, text))
    width = max(len(each[1]) for each in names)
    for line, alike, text in names:
        yield f"  {line:>4}  {alike:<{width}}  {text}"


def _line_and_type(operators: Sequence[Operators]) -> Callable[[Value], tuple[int, str]]:
    def key(value: Value) -> tuple[int, str]:
        calls = f"  ×{value.calls}" if value.calls > 1 else ""
        device = f" {value.device}" if value.unusual_device else ""
        found = operators_in(value.statement, operators)
        became = f"  {operators_phrase(found)}" if found is not None else ""
        return value.location.start.line + 1, f"{value.text}{device}{calls}{became}"

    return key


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
        "backends": [dataclasses.asdict(fact) for fact in outcome.backends],
        "operators": [
            {
                "expression": _excerpt(each.location),
                **place(each.location),
                "operators": list(each.operators),
                "core": list(each.core),
                "other": list(each.other),
            }
            for each in target.operators
        ],
        "modules": [
            {
                "path": each.path,
                "class": each.class_name,
                "parameters": each.cost.parameters,
                "bytes": each.cost.bytes,
                "flops": _flops(each.cost.flops),
            }
            for each in (target.costs.modules if target.costs is not None else ())
        ],
        "graph": [
            {"text": line.text, **(place(line.location) if line.location is not None else {})}
            for line in (target.graph.lines if target.graph is not None else ())
        ],
    }


def _flops(flops: Flops | None) -> dict[str, Any] | None:
    if flops is None:
        return None
    return {
        "formula": flops.formula or None,
        "example": flops.example,
        "most": flops.most,
        "complete": flops.complete,
    }
