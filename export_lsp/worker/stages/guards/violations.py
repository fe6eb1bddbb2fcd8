"""What torch says of constraints that are violated: of which dimensions, in our words.

Texts seen in torch 2.6 to 2.14.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

from export_lsp.worker.targets.shape_entry import ShapeEntry, joint_label
from export_lsp.worker.text.torch_text import in_user_names

# The second in torch 2.6.
CONSTANT = re.compile(
    r"(?:You marked (.+?) as dynamic but your code specialized it"
    r"|Not all values of .* are valid because (\S+) was inferred to be)"
    r" .*?\((\d+)\)"
)
RELATED = re.compile(
    r"The values of (?:\S+ = )?(L\[.+?\]) (?:must always be related to the values of|and)"
    r" (?:\S+ = )?(L\[.+?\.size\(\)\[\d+\]) (?:must always be equal|by (.+?))\.?$"
)
RANGE = re.compile(
    r"Not all values of (?:\S+ = )?(L\[.+?\]) in the specified range(?: .*?)? satisfy (.+)"
)
HINT_OF_ONE = re.compile(r"hint of 1 for dimension inputs(.*?)\.shape\[(\d+)\]")
SUGGESTED = re.compile(r"Suggested fixes:\n((?:  .+\n?)+)")
BOUNDS = re.compile(r"^(\d+) <= (\S+) and \2 <= (\d+)$")
# Guards as torch keeps them, by what they say: "Eq(Mod(s0, 4), 0)" and "s0 <= 16".
MULTIPLE = re.compile(r"Mod\(")
BOUND = re.compile(r"^(?:-?\d+ (?:<|<=|>|>=) )?s\d+(?: (?:<|<=|>|>=) -?\d+)?$")
# Only strict mode writes the bound that every size has.
ANY_MIN = re.compile(r"min=[01], |, min=[01]\b")

Say = Callable[[str], str]


@dataclass(frozen=True)
class Violated:
    """The dimensions of a violation, all that share a Dim with them, and torch's fixes for them."""

    entries: list[ShapeEntry]
    alike: list[ShapeEntry]
    fixes: list[str]


@dataclass(frozen=True)
class Violation:
    """A violated dimension, or two that depend on each other.

    `sources` are torch's names of all sizes that share its Dims; `say` gives the message for the
    expression that is to blame, whose guard looks like `guard` where there is one that does.
    `alike` are all that share a Dim with them, `fixes` torch's own; `constant` says that the code
    has made a constant of it.
    """

    entries: list[ShapeEntry]
    sources: frozenset[str]
    say: Say
    guard: re.Pattern[str] | None = None
    alike: tuple[ShapeEntry, ...] = ()
    fixes: tuple[str, ...] = ()
    constant: bool = False


def violations(text: str, entries: list[ShapeEntry]) -> list[Violation]:
    """Every violation that a text tells of."""
    for each in entries:
        text = text.replace(each.nested_source, each.source)
    by_source = {entry.source: entry for entry in entries}
    by_name = {entry.name: entry for entry in entries if entry.name}
    suggested = _suggested(text)
    found: list[Violation] = []

    def add(
        violated: list[ShapeEntry | None],
        say: Callable[[Violated], Say],
        guard: re.Pattern[str] | None = None,
        *,
        constant: bool = False,
    ) -> None:
        known = [entry for entry in violated if entry is not None]
        if known:
            names = {entry.name for entry in known if entry.name}
            alike = [entry for entry in entries if entry in known or entry.name in names]
            sources = {name for entry in alike for name in entry.sources}
            about = Violated(
                known, alike, [fix for name in sorted(names) for fix in suggested(name)]
            )
            found.append(
                Violation(
                    known,
                    frozenset(sources),
                    say(about),
                    guard,
                    tuple(alike),
                    tuple(about.fixes),
                    constant,
                )
            )

    for line in text.splitlines():
        if match := CONSTANT.search(line):
            name = match[1] or match[2]
            entry = by_source.get(name) or by_name.get(name)
            add([entry], functools.partial(_constant, match[3]), constant=True)
        elif match := RELATED.search(line):
            pair = [by_source.get(match[1]), by_source.get(match[2])]
            add(pair, functools.partial(_relation, match[3]))
        elif match := RANGE.search(line):
            add(
                [by_source.get(match[1])],
                functools.partial(_limit, match[2]),
                MULTIPLE if "%" in match[2] else BOUND,
            )
        elif match := HINT_OF_ONE.search(line):
            entry = by_source.get(f"L{match[1]}.size()[{match[2]}]")
            add([entry], functools.partial(_constant, "1"), constant=True)
    return found


def _constant(value: str, violated: Violated) -> Say:
    return lambda expression: (
        f"{expression} works only if {joint_label(violated.alike)} is {value}, the size in the"
        " example, but dynamic_shapes says that it may vary; make that dimension static"
        f"{_in_shapes(violated.fixes)}, or rewrite the expression so that it holds for every size"
    )


def _relation(relation: str | None, violated: Violated) -> Say:
    names = " and ".join(entry.label for entry in violated.entries)
    if relation is None:
        return lambda expression: (
            f"{expression} needs {names} to be equal, but dynamic_shapes lets them differ;"
            f" use one Dim for both{_in_shapes(violated.fixes)}"
        )
    return lambda expression: (
        f"{expression} needs `{in_user_names(relation)}`, but dynamic_shapes lets {names} vary"
        f" freely; derive one Dim from the other{_in_shapes(violated.fixes)}"
    )


def _limit(guard: str, violated: Violated) -> Say:
    condition = _condition(guard.removeprefix("the generated guard ").rstrip("."))
    allowed = f"but dynamic_shapes allows other values for {joint_label(violated.alike)}"
    if violated.fixes:
        return lambda expression: (
            f"{expression} works only for {_quoted(violated.fixes)}, {allowed}; declare it so, or"
            " rewrite the expression so that it holds for every size"
        )
    if "==" in condition:
        return lambda expression: (
            f"{expression} works only if `{condition}` (the example's value), {allowed}; make that"
            " dimension static or use tensor operations"
        )
    return lambda expression: (
        f"{expression} works only where `{condition}`, {allowed}; narrow that dimension, or"
        " rewrite the expression so that it holds for every size"
    )


def _condition(guard: str) -> str:
    """A guard in the user's names, without superfluous parentheses, its bounds in one piece."""
    text = in_user_names(guard)
    try:
        text = ast.unparse(ast.parse(text, mode="eval"))
    except SyntaxError:
        return text
    return BOUNDS.sub(r"\1 <= \2 <= \3", text)


def _suggested(text: str) -> Callable[[str], list[str]]:
    """torch's own fixes by the Dim's name, each with the Dims that it is derived from."""
    match = SUGGESTED.search(text)
    fixes: dict[str, str] = {}
    for line in match[1].splitlines() if match else ():
        name, _, value = line.strip().partition(" = ")
        fixes[name] = f"{name} = {ANY_MIN.sub('', value)}"

    def about(name: str) -> list[str]:
        if name not in fixes:
            return []
        words = re.findall(r"\w+", fixes[name].partition(" = ")[2].partition("Dim(")[0])
        return [*(fixes[word] for word in words if word in fixes), fixes[name]]

    return about


def _in_shapes(fixes: list[str]) -> str:
    return f" (in dynamic_shapes, {_quoted(fixes)})" if fixes else ""


def _quoted(fixes: list[str]) -> str:
    return " and ".join(f"`{fix}`" for fix in dict.fromkeys(fixes))
