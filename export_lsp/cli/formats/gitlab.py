"""GitLab's code quality report, which merge requests show beside the changed lines."""

from __future__ import annotations

from typing import Any

from export_lsp.cli.formats.json import dumps
from export_lsp.cli.identities import identities
from export_lsp.cli.report import Report, modes_and_targets, uri_path
from export_lsp.findings import Problem

_SEVERITIES = {"error": "major", "warning": "minor", "information": "info", "hint": "info"}


def render(report: Report) -> str:
    """Return a list with an issue for each problem.

    GitLab takes paths from the root of the repository, so that the command is to be run there.
    """
    return dumps(
        [
            _issue(problem, identity, report)
            for problem, identity in zip(report.problems, identities(report), strict=True)
        ]
    )


def _issue(problem: Problem, identity: str, report: Report) -> dict[str, Any]:
    location = problem.location
    sentences = f"{problem.title}. {problem.explanation}".rstrip()
    who = modes_and_targets(problem)
    return {
        "type": "issue",
        "check_name": problem.rule,
        "description": f"{sentences} [{who}]" if who else sentences,
        "categories": ["Bug Risk"],
        "severity": _SEVERITIES[problem.severity],
        "fingerprint": identity,
        "location": {
            "path": uri_path(location.file, report.folder) or location.file,
            "lines": {"begin": location.start.line + 1, "end": location.end.line + 1},
        },
    }
