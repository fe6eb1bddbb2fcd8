"""The rules, each described by a Markdown page in this folder that is named after it.

A page starts with the rule's default severity, a summary of one line and the address of the best
public page about it, between two lines ``---``.  The explanation follows: what the rule reports,
``## Why it fails`` and ``## What to do``.  Then come a small model that breaks the rule, under
``## Fails``, and the same model corrected, under ``## Exports``.
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
    """A class of failures.

    `explanation` is Markdown.  `failing` and `fixed` are complete model files; both are empty for
    ``internal-error``, which no model file should be able to cause.
    """

    code: RuleCode
    severity: Severity
    summary: str
    explanation: str
    failing: str
    fixed: str
    url: str

    @property
    def page(self) -> str:
        """The page of the rule for readers, as Markdown."""
        parts = [f"# {self.code}", f"*{self.summary}* Default severity: {self.severity}."]
        parts.append(self.explanation)
        if self.failing:
            parts.append(f"## Fails\n\n```python\n{self.failing}```")
            parts.append(f"## Exports\n\n```python\n{self.fixed}```")
        return "\n\n".join(parts)


def parse(code: RuleCode, page: str) -> Rule:
    """Return the rule that a page describes.

    Raises:
        ValueError: the page does not have the form that this module's docstring describes.
    """
    match = _PAGE.fullmatch(page)
    severity = match["severity"] if match else ""
    if match is None or severity not in typing.get_args(Severity):
        raise ValueError(f"the page of {code} does not have the form of a rule's page")
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
