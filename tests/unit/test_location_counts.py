"""The counts of the benchmark `located`, on invented findings and texts of torch."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.benchmarks import location_counts, named_lines
from tests.benchmarks.location_counts import FileResult, ToolResult
from tests.corpus_annotations import Expected, Reported

TEXT = """\
def forward(self, x):
    if x.sum() > 0:
        return pick(
            x,
        )
    for row in rows(
        x
    ):
        use(row)
"""
SILENT = {
    tool: ToolResult(True, False, frozenset()) for tool in ("non-strict", "strict", "draft_export")
}


def expected(line: int, text: str, rule: str = "graph-break") -> Expected:
    return Expected(rule, line, text, None, "")


def reported(line: int, text: str, rule: str = "graph-break") -> Reported:
    return Reported(rule, line, text, None, "it fails", line)


def compare(
    states: list[Expected], found: list[Reported], *, name: str = "a.py", **named: set[int]
) -> FileResult:
    """Compare; the tools in `named` complain about these lines, the others do not complain."""
    complaints = {tool: ToolResult(True, True, frozenset(lines)) for tool, lines in named.items()}
    return location_counts.compare(name, TEXT, states, found, {**SILENT, **complaints})


def test_located_and_exact_failures_and_false_alarms() -> None:
    file = compare(
        [expected(1, "x.sum() > 0"), expected(2, "pick( …"), expected(5, "rows( …")],
        [reported(1, "x.sum()"), reported(2, "pick( …"), reported(5, "rows( …", "forward-error")],
    )
    assert [(f.located, f.exact) for f in file.failures] == [
        (True, False),
        (True, True),
        (False, False),
    ]
    assert [alarm.rule for alarm in file.false_alarms] == ["forward-error"]


def test_two_failures_on_a_line_match_their_own_findings() -> None:
    file = compare(
        [expected(1, "x"), expected(1, "x.sum()")],
        [reported(1, "x.sum()"), reported(1, "x.sum() > 0")],
    )
    assert [(f.located, f.exact) for f in file.failures] == [(True, False), (True, True)]
    assert file.false_alarms == ()


@pytest.mark.parametrize(
    ("stated", "named", "counts"),
    [
        (1, 1, True),
        (1, 2, False),  # the body of an `if` is not its condition
        (2, 3, True),  # a statement of several lines
        (5, 7, True),  # a header of several lines
        (5, 8, False),
    ],
)
def test_a_line_counts_as_named(stated: int, named: int, counts: bool) -> None:
    file = compare([expected(stated, "…")], [], strict={named})
    assert file.failures[0].named == (frozenset({"strict", "either"}) if counts else frozenset())


def test_a_file_that_does_not_parse_has_no_statements() -> None:
    assert location_counts.statement_of_lines("def (") == {}


def test_rows() -> None:
    files = [
        compare(
            [expected(1, "x.sum() > 0"), expected(8, "use(row)")],
            [reported(1, "x.sum() > 0")],
            strict={1},
            draft_export={1, 8},
        ),
        compare([], [reported(1, "x", "forward-error")], name="control.py"),
        compare([expected(1, "x", "load-error")], [reported(0, "def", "forward-error")]),
    ]
    files[2] = location_counts.compare(
        "b.py", TEXT, [expected(1, "x", "load-error")], [reported(0, "def", "forward-error")], {}
    )
    forward, graph_break, load = location_counts.rows(files)
    assert (forward.rule, forward.findings) == ("forward-error", 0)
    assert (forward.on_controls, forward.elsewhere) == (1, 1)
    assert (graph_break.findings, graph_break.located, graph_break.exact) == (2, 1, 1)
    assert graph_break.named == {"non-strict": 0, "strict": 1, "either": 1, "draft_export": 2}
    assert set(graph_break.within_reach.values()) == {2}
    assert (load.findings, set(load.within_reach.values())) == (1, {0})
    total = location_counts.total(files)
    assert (total.findings, total.located, total.on_controls, total.elsewhere) == (3, 1, 1, 1)
    assert (total.within_reach["either"], total.named["draft_export"]) == (2, 2)
    assert [file.name for file in location_counts.several(files)] == ["a.py"]
    assert [file.control for file in files] == [False, True, False]


FILE = "/project/model.py"


def raised_at(line: int, error: Exception) -> Exception:
    """Return the error with a traceback that ends at a line of the file."""
    code = compile("\n" * (line - 1) + "raise error", FILE, "exec")
    try:
        exec(code, {"error": error})
    except Exception as raised:
        return raised
    raise AssertionError


def test_lines_of_an_exception() -> None:
    error = raised_at(3, ValueError("no"))
    error.__cause__ = raised_at(5, KeyError("x"))
    assert named_lines.of_exception(error, FILE) == {2, 4}
    assert named_lines.of_exception(error, "/project/other.py") == set()
    stack = [SimpleNamespace(filename=FILE, lineno=n) for n in (7, 9)]
    error.real_stack = [*stack, SimpleNamespace(filename="/torch.py", lineno=1)]  # type: ignore[attr-defined]
    assert named_lines.of_exception(error, FILE) == {2, 4, 8}


def test_lines_of_a_text() -> None:
    text = f"""\
Could not guard on data-dependent expression u0 > 0
Caused by: n.item()  # model.py:21 in forward

User Stack (most recent call last):
  File "{FILE}", line 30, in forward
    return self.inner(x)
           ^^^^^^^^^^^^^
  File "{FILE}", line 12, in inner
    return x
  File "/site-packages/torch/nn.py", line 99, in call
from user code:
  File "{FILE}", line 40, in forward
"""
    assert named_lines.of_text(text, FILE) == {20, 11, 39}


def test_lines_of_a_report() -> None:
    def frame(file: int, line: int) -> dict[str, Any]:
        return {"filename": file, "line": line}

    failures = [
        {"user_stack": [frame(0, 4), frame(0, 6)], "stack": [frame(0, 6), frame(1, 80)]},
        {"op": "lib::op"},
    ]
    report = SimpleNamespace(failures=[SimpleNamespace(data=data) for data in failures])
    assert named_lines.of_report(report, FILE, {0: FILE, 1: "/torch.py"}) == {5}
