"""JSON: an array of problems with ruff's keys, and ours beside them."""

from __future__ import annotations

import json
from typing import Any

from export_lsp.cli.formats import Report
from export_lsp.findings import Problem
from export_lsp.protocol import Location, Position


def render(report: Report) -> str:
    """The problems; rows and columns start at 1 and columns count characters."""
    return json.dumps([_problem(problem) for problem in report.problems], indent=2) + "\n"


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.rule,
        **_place(problem.location),
        "message": problem.message,
        "url": problem.url,
        "fix": None,
        "severity": problem.severity,
        "stage": problem.stage,
        "modes": list(problem.modes),
        "target": ", ".join(problem.targets),
        "related": [
            {**_place(related.location), "message": related.message} for related in problem.related
        ],
        "fixes": [],
        "detail": problem.detail,
    }


def _place(location: Location) -> dict[str, Any]:
    return {
        "filename": location.file,
        "location": _position(location.start),
        "end_location": _position(location.end),
    }


def _position(position: Position) -> dict[str, int]:
    return {"row": position.line + 1, "column": position.character + 1}
