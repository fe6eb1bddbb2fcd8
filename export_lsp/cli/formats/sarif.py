"""SARIF 2.1.0, for code scanning services."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from export_lsp.cli.formats.json import dumps
from export_lsp.cli.identities import identities
from export_lsp.cli.report import Report, modes_and_targets, uri_path
from export_lsp.findings import Problem
from export_lsp.fixes.proof import Fix
from export_lsp.protocol import Location
from export_lsp.rules import RULES, Rule
from export_lsp.safe_text import without_links
from export_lsp.version import VERSION

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {"error": "error", "warning": "warning", "information": "note", "hint": "note"}
_ROOT = "SRCROOT"


def render(report: Report) -> str:
    """Return a log with one run: all rules, and the problems as its results."""
    codes = list(RULES)
    run = {
        "tool": {
            "driver": {
                "name": "export-lsp",
                "semanticVersion": VERSION,
                "rules": [_rule(rule) for rule in RULES.values()],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"uri": report.folder.as_uri() + "/"}},
        "results": [
            _result(problem, codes.index(problem.rule), fingerprint, report)
            for problem, fingerprint in zip(report.problems, identities(report), strict=True)
        ],
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return dumps(document)


def _rule(rule: Rule) -> dict[str, Any]:
    help_text = rule.explanation
    if rule.failing:
        help_text += f"\n\nFails:\n\n```python\n{rule.failing}```"
        help_text += f"\n\nExports:\n\n```python\n{rule.fixed}```"
    return {
        "id": rule.code,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.explanation.partition("\n\n")[0]},
        "help": {"text": help_text, "markdown": help_text},
        "helpUri": rule.url,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(problem: Problem, index: int, fingerprint: str, report: Report) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": _LEVELS[problem.severity],
        "message": {"text": without_links(_sentences(problem))},
        "locations": [_location(problem.location, report.folder)],
        "partialFingerprints": {"exportLsp/v1": fingerprint},
        "properties": {
            "stage": problem.stage,
            "modes": list(problem.modes),
            "targets": list(problem.targets),
            "url": problem.url,
        },
    }
    if problem.related:
        result["relatedLocations"] = [
            {
                "id": number,
                **_location(related.location, report.folder),
                "message": {"text": without_links(related.message)},
            }
            for number, related in enumerate(problem.related, start=1)
        ]
    if fixes := report.fixes_of(problem):
        result["fixes"] = [_fix(fix, report.folder) for fix in fixes]
    if problem.detail:
        result["properties"]["detail"] = problem.detail
    if who := modes_and_targets(problem):
        result["message"]["text"] += f" [{who}]"
    return result


def _sentences(problem: Problem) -> str:
    """Return the message with the title as its first sentence, which viewers show alone."""
    return f"{problem.title}. {problem.explanation}".rstrip()


def _fix(fix: Fix, folder: Path) -> dict[str, Any]:
    files = dict.fromkeys(edit.location.file for edit in fix.edits)
    return {
        "description": {"text": fix.title},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(file, folder),
                "replacements": [
                    {
                        "deletedRegion": _region(edit.location),
                        "insertedContent": {"text": edit.text},
                    }
                    for edit in fix.edits
                    if edit.location.file == file
                ],
            }
            for file in files
        ],
    }


def _location(location: Location, folder: Path) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(location.file, folder),
            "region": _region(location),
        }
    }


def _artifact(file: str, folder: Path) -> dict[str, str]:
    below = uri_path(file, folder)
    if below is None:
        return {"uri": Path(file).as_uri()}
    return {"uri": quote(os.fsencode(below)), "uriBaseId": _ROOT}


def _region(location: Location) -> dict[str, int]:
    return {
        "startLine": location.start.line + 1,
        "startColumn": location.start.character + 1,
        "endLine": location.end.line + 1,
        "endColumn": location.end.character + 1,
    }
