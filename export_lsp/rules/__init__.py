"""The rule table: for every rule one Markdown file beside this one.

A rule's file starts with its default severity, a summary of one line and the best public page,
between two lines ``---``; then comes the explanation, and under ``## Fails`` and ``## Exports`` a
small model that breaks the rule and the same model put right.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from export_lsp.protocol import RuleCode

Severity = Literal["error", "warning", "information", "hint"]

_PAGE = re.compile(
    r"---\nseverity: (?P<severity>\w+)\nsummary: (?P<summary>.+)\nurl: (?P<url>\S+)\n---\n"
    r"\n(?P<explanation>.+?)"
    r"(?:\n## Fails\n\n```python\n(?P<failing>.+?)```\n"
    r"\n## Exports\n\n```python\n(?P<fixed>.+?)```\n)?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Rule:
    """What can be wrong, in general.

    `explanation` is Markdown; `failing` and `fixed` are whole model files, empty for
    ``internal-error``, which no model file should be able to cause.
    """

    code: RuleCode
    severity: Severity
    summary: str
    explanation: str
    failing: str
    fixed: str
    url: str


def parse(code: RuleCode, page: str) -> Rule:
    """The rule that a page of this package describes.

    Raises:
        ValueError: the page has not the form that the package's docstring gives.
    """
    match = _PAGE.fullmatch(page)
    severity = match["severity"] if match else ""
    if match is None or severity not in typing.get_args(Severity):
        raise ValueError(f"the page of {code} is not laid out as a rule's page")
    return Rule(
        code=code,
        severity=typing.cast(Severity, severity),
        summary=match["summary"],
        explanation=match["explanation"].strip(),
        failing=match["failing"] or "",
        fixed=match["fixed"] or "",
        url=match["url"],
    )


def _read(code: RuleCode) -> Rule:
    return parse(code, (Path(__file__).parent / f"{code}.md").read_text(encoding="utf-8"))


RULES: Mapping[RuleCode, Rule] = {code: _read(code) for code in typing.get_args(RuleCode)}
