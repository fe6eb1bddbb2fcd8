"""The entries of dynamic_shapes that a violation is about, and the words that say so."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from export_lsp.worker.stages.guards import violation_text
from export_lsp.worker.stages.guards.violation_text import Kind, Violation
from export_lsp.worker.targets.shape_entry import ShapeEntry, joint_label
from export_lsp.worker.text.torch_text import in_user_names

# torch's fix for a size that has to be a multiple: "n = 4*_n", "n = 2*_n - 1".
MULTIPLE = re.compile(
    r"^(?P<size>\w+) = (?P<factor>\d+)\*(?P<base>\w+)(?: (?P<sign>[-+]) (?P<offset>\d+))?$"
)
BOUNDS = re.compile(r"^(\d+) <= (\S+) and \2 <= (\d+)$")


@dataclass(frozen=True)
class ViolatedSizes:
    """A violation with the entries of dynamic_shapes for its sizes.

    `entries` are those that torch names, one or two; `alike` are all that share a Dim with them.
    `fixes` are torch's own for their Dims.
    """

    violation: Violation
    entries: tuple[ShapeEntry, ...]
    alike: tuple[ShapeEntry, ...]
    fixes: tuple[str, ...]

    @property
    def sources(self) -> frozenset[str]:
        """All of torch's names of the sizes in `alike`."""
        return frozenset(name for entry in self.alike for name in entry.sources)


def violated_sizes(text: str, entries: Sequence[ShapeEntry]) -> list[ViolatedSizes]:
    """Return the violations that a text of torch's states, of sizes in dynamic_shapes.

    `entries` are all of dynamic_shapes.
    """
    for entry in entries:
        text = text.replace(entry.nested_source, entry.source)
    named = {entry.name: entry for entry in entries if entry.name}
    named.update({entry.source: entry for entry in entries})
    fixes = violation_text.suggested_fixes(text)
    found = []
    for violation in violation_text.violations(text):
        known = tuple(named[size] for size in violation.sizes if size in named)
        if known:
            dims = {entry.name for entry in known if entry.name}
            alike = tuple(entry for entry in entries if entry in known or entry.name in dims)
            own_fixes = tuple(
                fix for dim in sorted(dims) for fix in violation_text.with_derived(dim, fixes)
            )
            found.append(ViolatedSizes(violation, known, alike, own_fixes))
    return found


@dataclass(frozen=True)
class ViolationWords:
    """The words for a violation, see `Words`.

    `declare` is the advice about dynamic_shapes, `rewrite` a further clause about the expression
    that needs the size; "" where there is nothing to rewrite.
    """

    label: str
    why: str
    declare: str
    rewrite: str = ""

    @property
    def advice(self) -> str:
        """All of the advice, for an expression that the user can rewrite."""
        return f"{self.declare}{self.rewrite}."


CONDITION = "Condition on a dynamic size"
REWRITE = ", or rewrite the expression so that it holds for every size"


def words(violated: ViolatedSizes, subject: str) -> ViolationWords:
    """Return the words for a violation; `subject` begins the sentence about what needs it."""
    return WORDS[violated.violation.kind](violated, subject)


def _constant(violated: ViolatedSizes, subject: str) -> ViolationWords:
    size = violated.violation.needs
    return ViolationWords(
        f"Dynamic size that has to be {size}",
        f"{subject} works only if {joint_label(violated.alike)} is {size}, the size in the example,"
        " but dynamic_shapes says that it may vary.",
        f"Make that dimension static{_in_shapes(violated)}",
        REWRITE,
    )


def _relation(violated: ViolatedSizes, subject: str) -> ViolationWords:
    formula, fixes = violated.violation.needs, _in_shapes(violated)
    names = " and ".join(entry.label for entry in violated.entries)
    if formula is None:
        return ViolationWords(
            "Sizes that have to be equal",
            f"{subject} needs {names} to be equal, but dynamic_shapes lets them differ.",
            f"Use one Dim for both{fixes}",
        )
    return ViolationWords(
        "Sizes that depend on each other",
        f"{subject} needs `{in_user_names(formula)}`, but dynamic_shapes lets {names} vary freely.",
        f"Derive one Dim from the other{fixes}",
    )


def _range(violated: ViolatedSizes, subject: str) -> ViolationWords:
    condition = _condition(violated.violation.needs or "")
    allowed = f"but dynamic_shapes allows other values for {joint_label(violated.alike)}."
    multiple = _multiple(violated)
    if multiple is not None:
        return ViolationWords(
            CONDITION,
            f"{subject} works only if {multiple.condition}, {allowed}",
            f"Declare it as {multiple.form}",
            REWRITE,
        )
    if violated.fixes:
        return ViolationWords(
            CONDITION,
            f"{subject} works only for {_quoted(violated.fixes)}, {allowed}",
            "Declare it so",
            REWRITE,
        )
    if "==" in condition:
        return ViolationWords(
            CONDITION,
            f"{subject} works only if `{condition}` (the example's value), {allowed}",
            "Make that dimension static",
            " or use tensor operations",
        )
    return ViolationWords(
        CONDITION,
        f"{subject} works only where `{condition}`, {allowed}",
        "Narrow that dimension",
        REWRITE,
    )


@dataclass(frozen=True)
class Multiple:
    """A size that has to be a multiple: as a condition, and as the form of its Dim."""

    condition: str
    form: str


def _multiple(violated: ViolatedSizes) -> Multiple | None:
    """Return the condition that torch states with a Dim of its own, which is not in the file."""
    own = _own_names(violated)
    for fix in violated.fixes:
        match = MULTIPLE.match(fix)
        if match is not None and match["base"] in own:
            size, form = match["size"], f"{match['factor']} times another Dim"
            if match["offset"]:
                opposite = "-" if match["sign"] == "+" else "+"
                size = f"{size} {opposite} {match['offset']}"
                form += f" {'plus' if match['sign'] == '+' else 'minus'} {match['offset']}"
            return Multiple(f"`{size}` is a multiple of {match['factor']}", form)
    return None


def _own_names(violated: ViolatedSizes) -> set[str]:
    """Return the names of Dims that torch's fixes introduce."""
    declared = {entry.name for entry in violated.alike}
    return {
        name
        for fix in violated.fixes
        if (name := fix.partition(" = ")[0]).startswith("_") and name not in declared
    }


WORDS: dict[Kind, Callable[[ViolatedSizes, str], ViolationWords]] = {
    "constant": _constant,
    "relation": _relation,
    "range": _range,
}


def _condition(guard: str) -> str:
    """A guard in the user's names, without superfluous parentheses, both bounds in one relation."""
    text = in_user_names(guard.removeprefix("the generated guard ").rstrip("."))
    try:
        text = ast.unparse(ast.parse(text, mode="eval"))
    except SyntaxError:
        return text
    return BOUNDS.sub(r"\1 <= \2 <= \3", text)


def _in_shapes(violated: ViolatedSizes) -> str:
    """Return torch's fixes in parentheses, if they are in the names of the file."""
    if not violated.fixes or _own_names(violated):
        return ""
    return f" (in dynamic_shapes, {_quoted(violated.fixes)})"


def _quoted(fixes: Iterable[str]) -> str:
    return " and ".join(f"`{fix}`" for fix in dict.fromkeys(fixes))
