"""Every rule has a page, in the form that readers and tools rely on."""

from __future__ import annotations

import ast
import re
import typing
from pathlib import Path

import pytest

import export_lsp.rules
from export_lsp.protocol import RuleCode
from export_lsp.rules import RULES, Rule, parse

WITHOUT_EXAMPLE = {"internal-error"}
# What a model has to contain to have one depends on the versions of other packages.
ABOUT_OTHERS = {"backend-mismatch", "backend-fallback", "backend-unavailable"}


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    assert export_lsp.rules.__file__
    pages = {page.stem for page in Path(export_lsp.rules.__file__).parent.glob("*.md")}
    assert pages == set(typing.get_args(RuleCode)) == set(RULES)


def test_default_severities() -> None:
    unusual = {code: rule.severity for code, rule in RULES.items() if rule.severity != "error"}
    assert unusual == {
        "specialization": "warning",
        "no-target": "hint",
        "unused-ignore": "information",
        "backend-fallback": "information",
        "backend-unavailable": "warning",
    }


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_a_rule_is_complete(rule: Rule) -> None:
    assert rule.summary.endswith(".")
    assert len(rule.summary) <= 100
    assert len(rule.explanation.split()) >= 50
    assert rule.url.startswith("https://")
    assert not re.search(r"\bu\d\b", rule.explanation), "a symbol without its meaning"
    assert all(len(line) <= 100 for line in rule.explanation.splitlines())
    assert rule.explanation.partition("\n\n")[0].endswith(".")
    headings = [line for line in rule.explanation.splitlines() if line.startswith("#")]
    why = [] if rule.code in WITHOUT_EXAMPLE else ["## Why it fails"]
    assert headings == [*why, "## What to do"]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_a_rule_has_an_example_of_both_kinds(rule: Rule) -> None:
    if rule.code in WITHOUT_EXAMPLE | ABOUT_OTHERS:
        assert (rule.failing, rule.fixed) == ("", "")
        return
    assert rule.failing != rule.fixed
    for example in (rule.failing, rule.fixed):
        names = {node.id for node in ast.walk(ast.parse(example)) if isinstance(node, ast.Name)}
        assert rule.code == "no-target" or names & {"model", "export_targets"}


@pytest.mark.parametrize(
    "page",
    [
        "",
        "severity: error\nsummary: S.\nurl: https://a\n\nText",
        "---\nseverity: loud\nsummary: S.\nurl: https://a\n---\n\nText\n",
        "---\nseverity: error\nsummary: S.\nurl: https://a\n---\n",
    ],
)
def test_a_page_of_another_form_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="graph-break"):
        parse("graph-break", page)
