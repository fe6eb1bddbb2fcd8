"""Every output format: its content, and that it is well-formed."""

from __future__ import annotations

import io
import itertools
import json
import pkgutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from rich.cells import cell_len
from rich.console import Console

from export_lsp.cli import formats
from export_lsp.cli.formats import FORMATS, github, gitlab, junit, sarif, text
from export_lsp.cli.formats import json as json_format
from export_lsp.cli.report import CheckedTarget, FileVerdict, Report, Verdicts, summary
from export_lsp.findings import Problem
from export_lsp.protocol import Location, Position, Related
from export_lsp.rules import RULES
from export_lsp.safe_text import for_terminal, one_line
from export_lsp.verdicts.verdict import Verdict
from tests.reference_pages import problems_schema

SOURCE = """\
import torch


class 模型(torch.nn.Module):
    def forward(self, x):
        名前 = x[x > 0]; picked = 名前  # 😀
\tif picked.shape[0] == 0: return x
        return torch.cat(
            [x, picked],

            dim=0,
        )
"""


def place(file: str, start: tuple[int, int], end: tuple[int, int]) -> Location:
    return Location(file, Position(*start), Position(*end))


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "src" / "模型, 1.py"
    path.parent.mkdir()
    path.write_text(SOURCE, encoding="utf-8")
    return str(path)


def problem(location: Location, **changes: Any) -> Problem:
    fields: dict[str, Any] = {
        "rule": "data-dependent-guard",
        "severity": "error",
        "stage": "capture",
        "modes": ("non-strict", "strict"),
        "targets": ("src/模型, 1.py::model",),
        "location": location,
        "title": "Comparison with tensor data: `a == 0`",
        "explanation": "It depends on the data. Do this.",
        "detail": "torch's <full> text & \x1b[31m",
        "url": "https://example.org/x",
    }
    return Problem(**{**fields, **changes})


def report(file: str, *problems: Problem) -> Report:
    return Report(
        problems=problems,
        files=(file,),
        targets=(CheckedTarget(file, "model", 0.25),),
        folder=Path(file).parents[1],
    )


def shown(report: Report, **console: Any) -> str:
    stream = io.StringIO()
    Console(file=stream, width=80, **console).print(text.render(report), soft_wrap=True)
    return stream.getvalue()


def underlined(output: str) -> list[str]:
    """Return the texts above the carets, cell by cell."""
    parts = []
    lines = output.splitlines()
    for above, marks in itertools.pairwise(lines):
        if set(marks.partition(" | ")[2].strip()) == {"^"}:
            start, end = marks.index("^"), len(marks)
            cells = 0
            part = ""
            for character in above:
                if start <= cells < end:
                    part += character
                cells += cell_len(character)
            parts.append(part)
    return parts


def test_text_underlines_the_range_below_wide_characters(file: str) -> None:
    output = shown(report(file, problem(place(file, (5, 23), (5, 34)))))
    assert underlined(output) == ["picked = 名前"]
    head, *_ = output.splitlines()
    assert head == (
        "src/模型, 1.py:6:24: error[data-dependent-guard] Comparison with tensor data: `a == 0`"
    )
    assert " = why: It depends on the data. Do this.\n" in output
    assert " = in: non-strict and strict mode, target src/模型, 1.py::model\n" in output
    assert " = help: https://example.org/x\n" in output


def test_text_underlines_after_a_tab(file: str) -> None:
    output = shown(report(file, problem(place(file, (6, 4), (6, 24)))))
    assert underlined(output) == ["picked.shape[0] == 0"]


def test_text_underlines_every_line_of_a_range(file: str) -> None:
    output = shown(report(file, problem(place(file, (7, 15), (11, 9)))))
    assert underlined(output) == ["torch.cat(", "[x, picked],", "dim=0,", ")"]


def test_text_leaves_out_the_middle_of_a_long_range(tmp_path: Path) -> None:
    path = tmp_path / "long.py"
    path.write_text("".join(f"line_{number}\n" for number in range(1, 41)))
    output = shown(report(str(path), problem(place(str(path), (9, 0), (29, 7)))))
    assert underlined(output) == [f"line_{n}" for n in (10, 11, 12, 13, 14, 29, 30)]
    assert "line_9\n" in output
    assert "line_31\n" in output
    assert " … |" in output


@pytest.mark.parametrize("where", [((99, 0), (99, 4)), ((3, 0), (99, 0))])
def test_text_of_a_range_outside_the_file_has_no_excerpt(file: str, where: Any) -> None:
    output = shown(report(file, problem(place(file, *where))))
    assert " | " not in output
    assert "= help" in output


def test_text_of_an_empty_range_has_one_caret(file: str) -> None:
    assert "^\n" in shown(report(file, problem(place(file, (3, 6), (3, 6)))))


def test_text_names_related_places(file: str) -> None:
    related = Related(place(file, (4, 8), (4, 15)), "called\nfrom here")
    output = shown(report(file, problem(place(file, (6, 4), (6, 24)), related=(related,))))
    assert " = note: src/模型, 1.py:5:9: called from here\n" in output


def test_text_has_colours_on_terminals_only(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    one = report(file, problem(place(file, (6, 4), (6, 24))))
    colourful = shown(one, force_terminal=True, color_system="standard")
    assert "\x1b[1;31merror[data-dependent-guard]" in colourful
    assert "\x1b" not in shown(one)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[1;31m" not in shown(one, force_terminal=True, color_system="standard")


def test_text_has_no_control_sequences(tmp_path: Path) -> None:
    path = tmp_path / "evil.py"
    path.write_text("x = '\x1b[2J\u202e' + 1\n", encoding="utf-8")
    output = shown(
        report(
            str(path),
            problem(
                place(str(path), (0, 14), (0, 15)),
                title="\x1b]0;title\x07 [bold]no markup[/bold] :smile:",
            ),
        )
    )
    assert "\x1b" not in output
    assert r"\x1b]0;title\x07 [bold]no markup[/bold] :smile:" in output
    assert underlined(output) == ["1"]


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("a\tb", "a    b"),
        ("\x00\x7f\x9b", r"\x00\x7f\x9b"),
        ("\ud800\u202e", r"\ud800\u202e"),
        ("😀 模型 é", "😀 模型 é"),
    ],
)
def test_plain(raw: str, safe: str) -> None:
    assert for_terminal(raw) == safe


def test_one_line() -> None:
    assert one_line("a\nb\r") == r"a b\x0d"


def test_summary_counts(file: str) -> None:
    here = place(file, (0, 0), (0, 6))
    problems = [problem(here, severity=kind) for kind in ("error", "error", "warning", "hint")]
    assert summary(report(file, *problems)) == (
        "Found 4 problems (2 errors, 1 warning, 1 hint) in 1 file; 1 target checked."
    )
    assert summary(report(file)) == "No problems found; 1 target checked in 1 file."


@pytest.mark.parametrize(
    ("severity", "failed"),
    [("error", True), ("warning", True), ("information", False), ("hint", False)],
)
def test_errors_and_warnings_fail_a_check(file: str, severity: Any, failed: bool) -> None:
    assert report(file, problem(place(file, (0, 0), (0, 6)), severity=severity)).failed is failed


def test_statistics(file: str) -> None:
    here = place(file, (0, 0), (0, 6))
    stream = io.StringIO()
    both = [problem(here, rule="graph-break"), problem(here), problem(here)]
    statistics = text.render_statistics(report(file, *both))
    Console(file=stream).print(statistics, soft_wrap=True)
    first, second, _ = stream.getvalue().splitlines()
    assert first.split() == ["2", "data-dependent-guard", *_summary("data-dependent-guard")]
    assert second.split() == ["1", "graph-break", *_summary("graph-break")]


def _summary(rule: Any) -> list[str]:
    return RULES[rule].summary.split()


def test_json_has_ruffs_keys_and_ours(file: str) -> None:
    related = Related(place(file, (4, 8), (4, 15)), "called from here")
    one = problem(place(file, (6, 4), (6, 24)), related=(related,))
    assert json.loads(json_format.render(report(file, one))) == [
        {
            "code": "data-dependent-guard",
            "filename": file,
            "location": {"row": 7, "column": 5},
            "end_location": {"row": 7, "column": 25},
            "title": "Comparison with tensor data: `a == 0`",
            "explanation": "It depends on the data. Do this.",
            "message": "Comparison with tensor data: `a == 0`\nIt depends on the data. Do this.",
            "url": "https://example.org/x",
            "fix": None,
            "severity": "error",
            "stage": "capture",
            "modes": ["non-strict", "strict"],
            "target": "src/模型, 1.py::model",
            "related": [
                {
                    "filename": file,
                    "location": {"row": 5, "column": 9},
                    "end_location": {"row": 5, "column": 16},
                    "message": "called from here",
                }
            ],
            "fixes": [],
            "detail": "torch's <full> text & \x1b[31m",
        }
    ]
    assert json_format.render(report(file)) == "[]\n"


def test_json_is_as_the_page_of_the_schemas_says(file: str) -> None:
    one = problem(place(file, (6, 4), (6, 24)))
    schema = problems_schema()
    document = json.loads(json_format.render(report(file, one)))
    jsonschema.validate(document, schema)
    jsonschema.Draft7Validator.check_schema(schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate([{**document[0], "new": 1}], schema)


def test_github_escapes_separators_in_properties(file: str) -> None:
    one = problem(
        place(file, (6, 4), (6, 24)), title="50% of a,b", explanation="b:\nc", modes=(), targets=()
    )
    assert github.render(report(file, one)) == (
        "::error title=50%25 of a%2Cb,file=src/模型%2C 1.py,line=7,endLine=7,"
        "col=5,endColumn=25::b:%0Ac%0Aexport-lsp (data-dependent-guard)\n"
    )


def test_github_gives_no_columns_for_several_lines(file: str) -> None:
    one = problem(place(file, (7, 15), (11, 9)), severity="hint")
    output = github.render(report(file, one))
    assert output.startswith("::notice title=")
    assert "line=8,endLine=12::" in output


def test_junit_has_a_case_for_each_target(file: str) -> None:
    loading = problem(
        place(file, (0, 0), (0, 6)), rule="load-error", targets=(), title="no \x00 <name>"
    )
    xml = junit.render(report(file, problem(place(file, (6, 4), (6, 24))), loading))
    suite = ElementTree.fromstring(xml.encode()).find("testsuite")
    assert suite is not None
    assert {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "2",
        "failures": "2",
        "errors": "0",
        "skipped": "0",
    }
    target, load = suite
    assert (target.get("classname"), target.get("name")) == ("src/模型, 1.py", "model")
    assert target.get("time") == "0.250"
    failure = target.find("failure")
    assert failure is not None
    assert failure.get("type") == "data-dependent-guard"
    assert failure.text
    assert failure.text.startswith("src/模型, 1.py:7:5: error[data-dependent-guard]\nComparison")
    assert "torch's <full> text & \ufffd[31m" in failure.text
    assert load.get("name") == "load"
    assert load[0].get("message") == "no \ufffd <name>"


def test_junit_passes_a_clean_target_and_skips_a_file_without(file: str) -> None:
    [case] = ElementTree.fromstring(junit.render(report(file)).encode()).iter("testcase")
    assert list(case) == []
    hint = problem(place(file, (3, 6), (3, 8)), rule="no-target", severity="hint", targets=())
    without = Report((hint,), (file,), (), Path(file).parents[1])
    [case] = ElementTree.fromstring(junit.render(without).encode()).iter("testcase")
    assert [child.tag for child in case] == ["skipped"]


def test_a_long_table_of_verdicts_counts_those_that_export(file: str) -> None:
    good = Verdict("exports", "exports ✓ both modes · matches eager")
    bad = Verdict("fails", "✗ 1 problem")
    rows = [FileVerdict(file, f"t{number}", good) for number in range(21)]
    verdicts = Verdicts((*rows, FileVerdict(file, "bad", bad)), {"no example inputs": 2})
    assert shown(replace(report(file), verdicts=verdicts)).splitlines() == [
        "src/模型, 1.py::bad  ✗ 1 problem",
        "21 targets: exports ✓ both modes · matches eager",
        "Not checked: 2 files (no example inputs)",
        "",
        "No problems found; 1 target checked in 1 file.",
    ]
    few = Verdicts((*rows[:2],), {})
    assert shown(replace(report(file), verdicts=few)).splitlines()[:2] == [
        "src/模型, 1.py::t0  exports ✓ both modes · matches eager",
        "src/模型, 1.py::t1  exports ✓ both modes · matches eager",
    ]


# The parts of SARIF 2.1.0 that code scanning services require.
REGION = {
    "type": "object",
    "required": ["startLine", "startColumn", "endLine", "endColumn"],
    "additionalProperties": {"type": "integer", "minimum": 1},
}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation", "region"],
            "additionalProperties": False,
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "required": ["uri"],
                    "additionalProperties": False,
                    "properties": {
                        "uri": {"type": "string", "pattern": r"^[!-~]+$"},
                        "uriBaseId": {"const": "SRCROOT"},
                    },
                },
                "region": REGION,
            },
        },
        "message": {"type": "object", "required": ["text"]},
        "id": {"type": "integer", "minimum": 0},
    },
    "additionalProperties": False,
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
SARIF = {
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "columnKind", "results"],
                "properties": {
                    "columnKind": {"const": "unicodeCodePoints"},
                    "tool": {
                        "properties": {
                            "driver": {
                                "required": ["name", "rules"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "required": ["id", "shortDescription", "help"],
                                            "properties": {
                                                "defaultConfiguration": {
                                                    "properties": {"level": LEVEL}
                                                }
                                            },
                                        },
                                    }
                                },
                            }
                        }
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "required": ["ruleId", "ruleIndex", "message", "locations"],
                            "properties": {
                                "level": LEVEL,
                                "message": {"required": ["text"]},
                                "locations": {"items": LOCATION, "minItems": 1},
                                "relatedLocations": {"items": LOCATION},
                                "partialFingerprints": {"additionalProperties": {"type": "string"}},
                            },
                        },
                    },
                },
            },
        },
    },
}


def test_sarif_is_well_formed(file: str) -> None:
    related = Related(place("/elsewhere/lib é.py", (4, 8), (4, 15)), "called from here")
    one = problem(place(file, (6, 4), (6, 24)), related=(related,))
    document = json.loads(sarif.render(report(file, one, one)))
    jsonschema.validate(document, SARIF)
    [run] = document["runs"]
    first, second = run["results"]
    rules = run["tool"]["driver"]["rules"]
    assert rules[first["ruleIndex"]]["id"] == first["ruleId"] == "data-dependent-guard"
    assert [rule["id"] for rule in rules] == list(RULES)
    physical = first["locations"][0]["physicalLocation"]
    assert physical["region"] == {"startLine": 7, "startColumn": 5, "endLine": 7, "endColumn": 25}
    assert physical["artifactLocation"] == {
        "uri": "src/%E6%A8%A1%E5%9E%8B%2C%201.py",
        "uriBaseId": "SRCROOT",
    }
    [other] = first["relatedLocations"]
    assert other["physicalLocation"]["artifactLocation"] == {
        "uri": "file:///elsewhere/lib%20%C3%A9.py"
    }
    assert first["partialFingerprints"] != second["partialFingerprints"]


def test_a_sarif_fingerprint_survives_a_move(file: str) -> None:
    def fingerprint(line: int) -> Any:
        rendered = sarif.render(report(file, problem(place(file, (line, 4), (line, 24)))))
        return json.loads(rendered)["runs"][0]["results"][0]["partialFingerprints"]

    assert fingerprint(2) == fingerprint(6)


# The part of the Code Climate format that GitLab reads.
GITLAB: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string"},
            "check_name": {"type": "string"},
            "fingerprint": {"type": "string"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def test_gitlab_shows_problems_beside_their_lines(file: str) -> None:
    one = problem(place(file, (6, 4), (7, 24)))
    strict = replace(one, severity="warning", modes=("strict",))
    issues = json.loads(gitlab.render(report(file, one, one, strict)))
    jsonschema.validate(issues, GITLAB)
    assert issues[0]["location"] == {"path": "src/模型, 1.py", "lines": {"begin": 7, "end": 8}}
    assert issues[0]["check_name"] == "data-dependent-guard"
    assert issues[0]["description"] == (
        "Comparison with tensor data: `a == 0`. It depends on the data. Do this."
        " [non-strict and strict mode, target src/模型, 1.py::model]"
    )
    assert [each["severity"] for each in issues] == ["major", "major", "minor"]
    assert len({each["fingerprint"] for each in issues}) == 3


def test_gitlab_has_an_empty_list_for_a_clean_file(file: str) -> None:
    assert json.loads(gitlab.render(report(file))) == []


def test_every_format_has_a_module_and_a_row(file: str) -> None:
    modules = {module.name for module in pkgutil.iter_modules(formats.__path__)}
    assert modules == set(FORMATS)
    for each in FORMATS.values():
        assert str(each.render(report(file, problem(place(file, (1, 0), (1, 4))))))
