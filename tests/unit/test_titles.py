"""Titles of findings, and what remains of code that is too long for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export_lsp.titles import LENGTH, explanation, shortened, title
from tests.foreign_names import CODE

BRANCH = "Branch on tensor data"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("score.mean() > 0", "score.mean() > 0"),
        # The shortest argument list that suffices goes.
        (
            "self.head(torch.cat([x, y], dim=1)).mean() > self.limit",
            "self.head(torch.cat(…)).mean() > self.limit",
        ),
        ("self.head(torch.cat([x, y], dim=1)).mean() > 0.25 * self.limit", "self.head(…).mean() >"),
        # Short strings are names; long ones are texts.
        ("batch['mask'].sum() > len(['one', 'two', 'three', 'four'])", "batch['mask'].sum() > len"),
        (
            "tensor.check_that(f'{self.name}: a text that tells much') > 0",
            "tensor.check_that(f'{self.name}: a tex…') > 0",
        ),
        # A name may be so long that its end goes.
        (
            "x.undefined_attribute_of_the_long_and_unlikely_kind",
            "x.undefined_attribute_of_the_long",
        ),
        # Brackets around all of it stay, with their beginning.
        (
            "(first and second and third and fourth and fifth)",
            "(first and second and third and fourth and …)",
        ),
        (
            "[alpha, beta, gamma, delta, epsilon, zeta, eta]",
            "[alpha, beta, gamma, delta, epsilon, zeta, …]",
        ),
        (
            "self.encoder.layers.attention.output.projection",
            "self.encoder.layers.attention.output.project…",
        ),
        ("x\n    .abs()\n    .sum() > 0", "x .abs() .sum() > 0"),
        ("names['`'] in seen", "names['''] in seen"),
    ],
)
def test_code_is_cut_where_a_reader_misses_least(code: str, shown: str) -> None:
    found = title(BRANCH, code)
    assert found.startswith(f"{BRANCH}: `{shown}")
    assert len(found) <= LENGTH


def test_code_that_a_title_cuts_is_in_the_explanation() -> None:
    code = "self.head(torch.cat([x, y], dim=1)).mean() > self.limit"
    cut = title(BRANCH, code)
    assert explanation(cut, code, "Why.", "") == f"Why. In full: `{code}`."
    assert explanation(title(BRANCH, "x > 0"), "x > 0", "Why.", "Do.") == "Why. Do."
    assert explanation(cut, code, f"`{code}` is long.") == f"`{code}` is long."
    assert explanation("Syntax error", "", "Why.") == "Why."


def test_code_in_the_words_is_cut_before_words_are() -> None:
    label = "`ResultOfTheDecoderWithAllOfItsHiddenStates` as an output of a model"
    shown = "`ResultOfTheDecoderWithAll…` as an output of a model: `outputs.hidden`"
    assert title(label, "outputs.hidden") == shown
    assert title("word " * 20, "f(x)") == f"{' '.join(['word'] * 12)}…: `f(x)`"


PIECES = st.sampled_from(
    [
        "x",
        "self",
        ".",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ", ",
        " + ",
        "'",
        '"',
        "`",
        "\n",
        "…",
        "漢字",
        "_" * 9,
    ]
)
CODES = st.lists(PIECES, max_size=40).map("".join)
LABELS = st.lists(
    st.sampled_from(["Size ", "`f(x, y)` ", "of ", "`" + "a" * 60 + "` "]), min_size=1
)


@given(LABELS.map("".join), CODES, st.integers(50, LENGTH))
def test_no_code_makes_a_title_too_long_or_ends_outside_of_backticks(
    label: str, code: str, length: int
) -> None:
    found = title(label.strip(), code, length)
    assert len(found) <= length
    assert found.count("`") % 2 == 0
    assert "\n" not in found
    if code.strip():
        assert found.endswith("`")
        assert CODE.findall(found)


@given(CODES, st.integers(2, 60))
def test_code_is_as_short_as_asked_for(code: str, length: int) -> None:
    assert len(shortened(code, length)) <= length
