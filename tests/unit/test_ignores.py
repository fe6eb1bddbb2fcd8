"""Comments that ignore problems."""

from __future__ import annotations

import textwrap

import pytest

from export_lsp.findings import Problem, merge
from export_lsp.ignores import Ignores, comments_in, insertion, is_complete
from export_lsp.protocol import MODES, Finding, Location, Position, RuleCode

FILE = "/w/model.py"


def lines(text: str) -> list[str]:
    return textwrap.dedent(text).splitlines(keepends=True)


def place(line: int, end: int | None = None) -> Location:
    return Location(FILE, Position(line, 4), Position(line if end is None else end, 9))


def problem(rule: RuleCode, location: Location) -> Problem:
    finding = Finding(rule, "capture", MODES, "model", location, "It fails")
    [found] = merge([finding], modes=MODES, severities={})
    return found


def unused(ignores: Ignores, *, complete: bool = True, **severities: str) -> list[str]:
    found = ignores.unused(FILE, complete=complete, severities=severities)
    return [finding.message for finding in found]


def test_a_comment_has_rules_and_a_reason() -> None:
    text = "x = 1  # noqa  # export-lsp:ignore[graph-break,timeout]  decided elsewhere\n"
    [comment] = comments_in([text])
    assert comment.rules == ("graph-break", "timeout")
    assert comment.reason == "decided elsewhere"
    assert text[comment.start : comment.end].startswith("# export-lsp")


@pytest.mark.parametrize(
    "text",
    [
        "x = '# export-lsp: ignore[graph-break]'\n",
        "'''\n# export-lsp: ignore[graph-break]\n'''\n",
        "# export-lsp: ignored[graph-break]\n",
        "# about export-lsp: nothing\n",
    ],
)
def test_other_text_is_no_comment_of_ours(text: str) -> None:
    assert comments_in(text.splitlines(keepends=True)) == ()


def test_a_file_that_does_not_parse_keeps_the_comments_before() -> None:
    text = ["x = 1  # export-lsp: ignore[timeout]\n", "y = (\n"]
    assert [comment.line for comment in comments_in(text)] == [0]


def test_problems_that_begin_or_end_in_the_line_are_ignored() -> None:
    text = lines(
        """\
        if (a  # export-lsp: ignore[graph-break]
                > b
            ):  # export-lsp: ignore[data-dependent-guard]
            pass
        """
    )
    ignores = Ignores(lambda file: text)
    over = place(0, 2)
    left = problem("timeout", over)
    found = [problem("graph-break", over), problem("data-dependent-guard", over), left]
    assert ignores.remaining([*found, problem("graph-break", place(1))])[0] == left
    assert unused(ignores) == []


def test_a_comment_that_ignores_nothing_is_told_once_all_problems_are_known() -> None:
    ignores = Ignores(lambda file: ["x = 1  # export-lsp: ignore[graph-break, timeout]\n"])
    ignores.remaining([problem("timeout", place(0))])
    assert unused(ignores, complete=False) == []
    assert unused(ignores) == [
        "Unused ignore: `graph-break`\n"
        "No target that was checked has a `graph-break` here to ignore. Remove it."
    ]


def test_a_rule_that_is_off_has_nothing_to_ignore() -> None:
    ignores = Ignores(lambda file: ["x = 1  # export-lsp: ignore[timeout]\n"])
    assert unused(ignores, timeout="off") == []


def test_the_comments_of_a_file_are_looked_for_once() -> None:
    read: list[str] = []

    def lines_of(file: str) -> list[str]:
        read.append(file)
        return ["x = 1\n"]

    Ignores(lines_of).remaining([problem("timeout", place(0))] * 3)
    assert read == [FILE]


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("# export-lsp: ignore", "without a rule"),
        ("# export-lsp: ignore[]", "without a rule"),
        ("# export-lsp: ignore[graph-brake]", "Is it `graph-break`?"),
        ("# export-lsp: ignore[E501]", "lists the rules"),
    ],
)
def test_a_mistake_is_told_at_any_time(comment: str, words: str) -> None:
    [message] = unused(Ignores(lambda file: [comment]), complete=False)
    assert words in message


def test_a_check_that_ended_early_has_not_met_all_problems() -> None:
    assert is_complete(["graph-break", "specialization"])
    assert not is_complete(["graph-break", "timeout"])


@pytest.mark.parametrize(
    ("text", "location", "expected"),
    [
        ("x = f()\n", place(0), "x = f()  # export-lsp: ignore[timeout]"),
        ("x = f()  # why\r\n", place(0), "x = f()  # why  # export-lsp: ignore[timeout]"),
        (
            "x = f()  # export-lsp: ignore[graph-break] known\n",
            place(0),
            "x = f()  # export-lsp: ignore[graph-break, timeout] known",
        ),
        ("x = f('''\n''')\n", place(0, 1), "''')  # export-lsp: ignore[timeout]"),
        ("x = a + \\\n    b\n", place(0, 1), "    b  # export-lsp: ignore[timeout]"),
    ],
)
def test_the_comment_is_written_where_one_can_stand(
    text: str, location: Location, expected: str
) -> None:
    before = text.splitlines(keepends=True)
    found = insertion("timeout", location, before)
    assert found is not None
    line = before[found.line].rstrip("\r\n")
    assert line[: found.column] + found.text + line[found.column :] == expected


def test_no_comment_is_written_inside_a_string() -> None:
    text = ["x = '''\n", "f()\n", "'''\n"]
    assert insertion("timeout", place(1), text) is None
