"""The text of hovers, as Markdown and as plain text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from export_lsp.findings import Problem
from export_lsp.protocol import Location, Position, Related
from export_lsp.server.features import hover
from export_lsp.source import split_lines

FILE, OTHER = "/p/model.py", "/p/layers.py"
TEXTS = {
    FILE: split_lines("model = Net()\nshapes = {'x': {0: Dim('n')}}\nargs = (x,)\n"),
    OTHER: split_lines("def forward(self, x):\n    return g(x.view(\n        4, 8))\n"),
}
NAMES = hover.PlaceNames(lambda file: file.removeprefix("/p/"), TEXTS.__getitem__)


def place(file: str, line: int, start: int, end: int, end_line: int | None = None) -> Location:
    last = line if end_line is None else end_line
    return Location(file, Position(line, start), Position(last, end))


ENTRY = place(FILE, 1, 16, 27)
VIEW = place(OTHER, 1, 13, 13, 2)
PROBLEM = Problem(
    rule="constraint-violation",
    severity="error",
    stage="guards",
    modes=("non-strict",),
    targets=("model.py::model",),
    location=VIEW,
    title="Dynamic size that has to be 4: `x.view(4, 8)`",
    explanation="Ask for less.",
    related=(Related(ENTRY, "asks for every size of dimension 0 of `x`"),),
    detail="torch says\nmore",
    url="https://example.org/cv",
)


def hover_at(file: str, line: int, character: int, *problems: Problem, plain: bool = False) -> str:
    found = hover.spots(
        problems or (PROBLEM,), Position(line, character), lambda name: name == file
    )
    return hover.plain_text(found, NAMES) if plain else hover.markdown(found, NAMES)


def test_a_problem() -> None:
    assert hover_at(OTHER, 1, 14) == (
        "[`constraint-violation`](<https://example.org/cv>) in non-strict mode, target"
        " `model.py::model`\n\n"
        "- `model.py:2` `0: Dim('n')`: asks for every size of dimension 0 of `x`\n\n"
        "torch's own text:\n\n"
        "```text\ntorch says\nmore\n```"
    )
    assert hover_at(OTHER, 1, 14, plain=True) == (
        "constraint-violation in non-strict mode, target `model.py::model`\n"
        "model.py:2 0: Dim('n'): asks for every size of dimension 0 of `x`\n"
        "https://example.org/cv\n\n"
        "torch's own text:\ntorch says\nmore"
    )


def test_the_counterpart_of_a_related_place() -> None:
    assert hover_at(FILE, 1, 16) == (
        "[`constraint-violation`](<https://example.org/cv>) at `layers.py:2`: `x.view( …`\n\n"
        "Dynamic size that has to be 4: `x.view(4, 8)`\n\n"
        "Here: asks for every size of dimension 0 of `x`"
    )
    assert hover_at(FILE, 1, 16, plain=True) == (
        "constraint-violation at layers.py:2: x.view( …\n"
        "Dynamic size that has to be 4: `x.view(4, 8)`\n"
        "Here: asks for every size of dimension 0 of `x`"
    )


@pytest.mark.parametrize(
    ("line", "character", "has_hover"),
    [(1, 12, False), (1, 13, True), (2, 0, True), (2, 13, True), (2, 14, False), (0, 14, False)],
)
def test_positions_that_have_a_hover(line: int, character: int, has_hover: bool) -> None:
    assert bool(hover_at(OTHER, line, character)) == has_hover


def test_narrow_ranges_come_first_and_own_problems_before_those_elsewhere() -> None:
    inner = replace(PROBLEM, location=place(FILE, 1, 20, 22), related=(), title="inner")
    outer = replace(PROBLEM, location=place(FILE, 1, 0, 28), related=(), title="outer")
    found = hover.spots((PROBLEM, outer, inner), Position(1, 21), lambda name: name == FILE)
    assert [spot.problem.title for spot in found] == ["inner", "outer", PROBLEM.title]
    assert found[0].location == inner.location
    text = hover.markdown(found, NAMES)
    assert text.count("\n\n---\n\n") == 2


def test_a_problem_is_shown_once() -> None:
    around = replace(PROBLEM, related=(Related(place(OTHER, 1, 4, 14, 2), "called from `f`"),))
    assert len(hover.spots((around,), Position(1, 14), lambda name: True)) == 1


def test_quoted_code_cannot_act_as_markdown() -> None:
    nasty = replace(
        PROBLEM,
        title="ValueError: [go](command:x) <img src=y>\n\n# *big* `a\nb` ``\x1b[31mred",
        related=(Related(ENTRY, "made by <b>\n- me"),),
        detail="~~~\n````\n</details>\n```sh\nrm\n`````",
        url="https://e.org/a>b c",
    )
    there = hover_at(FILE, 1, 16, nasty)
    assert there.split("\n\n")[1] == (
        r"ValueError: \[go\](command:x) \<img src=y\> # \*big\* `a b` \`\`red"
    )
    text = hover_at(OTHER, 1, 14, nasty)
    head, related, _, block = text.split("\n\n", 3)
    assert head.startswith("[`constraint-violation`](<https://e.org/abc>) in ")
    assert related == r"- `model.py:2` `0: Dim('n')`: made by \<b\> - me"
    fence = "`" * 6
    assert block.startswith(f"{fence}text\n~~~\n")
    assert block.endswith(f"\n{fence}")
    assert block.count(fence) == 2


def test_backticks_in_code() -> None:
    names = hover.PlaceNames(lambda file: "a`b``.py", TEXTS.__getitem__)
    found = hover.spots((PROBLEM,), Position(1, 16), lambda name: name == FILE)
    assert "``` a`b``.py:2 ```" in hover.markdown(found, names)


SPECIAL = "` `` ``` [x](command:y) ![x](y) <img> \\ * # - + 1. 1) > ~~~ | <!-- &amp; [x]: = x()"
PIECES = st.sampled_from([*SPECIAL.split(), "a", " ", "\n", "\n\n", "\t"])
TEXT = st.lists(PIECES, max_size=12).map("".join)


@settings(deadline=None, max_examples=500)
@given(TEXT, TEXT, TEXT, TEXT)
@example("```[x](command:y)`", "", "", "")
@example("`a```<img src=x>`", "", "", "")
@example("", "", "", "``` [x](command:y)")
@example("# a", "1. a", "", "")
@example("1. a", "- a", "", "")
def test_no_text_can_act_as_markdown(message: str, related: str, detail: str, excerpt: str) -> None:
    problem = replace(
        PROBLEM, title=message, detail=detail, url="", related=(Related(ENTRY, related),)
    )
    names = hover.PlaceNames(lambda file: file, lambda _: [f"{excerpt}\n"] * 3)
    wide = replace(problem, location=place(FILE, 0, 0, 200))
    spots = [hover.Spot(problem, None), hover.Spot(wide, wide.related[0])]
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(hover.markdown(spots, names))
    kinds = {each.type for token in tokens for each in (token, *(token.children or ()))}
    allowed = {"paragraph", "bullet_list", "list_item"}
    opened = {kind.removesuffix("_open") for kind in kinds if kind.endswith("_open")}
    assert opened <= allowed
    assert not kinds & {"html_inline", "html_block", "image", "heading_open"}
    assert len([token for token in tokens if token.type == "bullet_list_open"]) <= 1


def test_long_details_are_cut_at_a_line() -> None:
    long = replace(PROBLEM, detail="x" * 90 + "\n" + ("y" * 99 + "\n") * 100, related=())
    _, _, block, rest = hover_at(OTHER, 1, 14, long).split("\n\n")
    assert block.count("\n") == hover.DETAIL_LINES + 1
    assert block.endswith("y\n```")
    assert f"{101 - hover.DETAIL_LINES} more lines" in rest
    whole_line = replace(long, detail="z" * 10_000)
    assert f"{'z' * hover.DETAIL_LIMIT}…" in hover_at(OTHER, 1, 14, whole_line)


def test_the_message_is_not_repeated() -> None:
    for plain in (True, False):
        text = hover_at(OTHER, 1, 14, plain=plain)
        assert PROBLEM.title not in text
        assert PROBLEM.explanation not in text


def test_an_excerpt_of_a_file_that_has_become_shorter() -> None:
    assert NAMES.excerpt(place(FILE, 99, 0, 4)) == ""
