"""JSON: an array of problems, with ruff's keys and some of our own.

With verdicts it is an object with the keys ``problems`` and ``verdicts``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from export_lsp.cli.report import FileVerdict, Report
from export_lsp.findings import Problem
from export_lsp.fixes.proof import Fix
from export_lsp.protocol import Location, Position

_SURROGATES = re.compile("[\ud800-\udfff]")


def render(report: Report) -> str:
    """Return the document.  Rows and columns start at 1; columns count characters."""
    problems = [_problem(problem, report.fixes_of(problem)) for problem in report.problems]
    if report.verdicts is None:
        return dumps(problems)
    return dumps(
        {"problems": problems, "verdicts": [_verdict(each) for each in report.verdicts.shown]}
    )


def dumps(document: Any) -> str:
    """Return a document as JSON, with U+FFFD for lone surrogates, which some parsers refuse."""
    text = _SURROGATES.sub("\ufffd", json.dumps(document, ensure_ascii=False))
    return json.dumps(json.loads(text), indent=2) + "\n"


def _verdict(on: FileVerdict) -> dict[str, Any]:
    """A verdict; `location`, `modes` and `seconds` are null without an outcome."""
    outcome = on.outcome
    return {
        "filename": on.file,
        "target": on.name,
        "state": on.verdict.state,
        "text": on.verdict.text,
        "details": [{"label": each.label, "text": each.text} for each in on.verdict.details],
        "location": _position(outcome.location.start) if outcome is not None else None,
        "modes": outcome.modes if outcome is not None else None,
        "seconds": outcome.seconds if outcome is not None else None,
    }


def _problem(problem: Problem, fixes: Sequence[Fix]) -> dict[str, Any]:
    return {
        "code": problem.rule,
        **place(problem.location),
        "message": problem.message,
        "title": problem.title,
        "explanation": problem.explanation,
        "url": problem.url,
        "fix": _preferred(fixes),
        "severity": problem.severity,
        "stage": problem.stage,
        "modes": list(problem.modes),
        "target": ", ".join(problem.targets),
        "related": [
            {**place(related.location), "message": related.message} for related in problem.related
        ],
        "fixes": [{"title": fix.title, "proof": fix.proof, "edits": _edits(fix)} for fix in fixes],
        "detail": problem.detail,
    }


def _preferred(fixes: Sequence[Fix]) -> dict[str, Any] | None:
    """The first fix, in ruff's form."""
    if not fixes:
        return None
    return {
        "applicability": "safe" if fixes[0].is_safe else "unsafe",
        "message": fixes[0].title,
        "edits": _edits(fixes[0]),
    }


def _edits(fix: Fix) -> list[dict[str, Any]]:
    return [{"content": edit.text, **place(edit.location)} for edit in fix.edits]


def place(location: Location) -> dict[str, Any]:
    """Return the file, the start and the end of a location."""
    return {
        "filename": location.file,
        "location": _position(location.start),
        "end_location": _position(location.end),
    }


def _position(position: Position) -> dict[str, int]:
    return {"row": position.line + 1, "column": position.character + 1}
