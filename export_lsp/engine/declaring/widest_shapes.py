"""The widest ``dynamic_shapes`` of a file's targets, found by exporting them."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field, replace

from export_lsp.engine.fixing.trials import CarryOut
from export_lsp.engine.runs import run_numbers
from export_lsp.protocol import Check, Finding, Found, Location, ShapesSuggested, TargetStarted
from export_lsp.stages import STAGES, TABLE


@dataclass
class Widest:
    """The suggestions for the targets of a file, in their order.

    `declarations` has where each target is declared.  `refusal` is the finding that kept the last
    target without a suggestion from being built.
    """

    suggested: dict[str, ShapesSuggested] = field(default_factory=dict)
    declarations: dict[str, Location] = field(default_factory=dict)
    refusal: Finding | None = None

    def note(self, event: object) -> None:
        """Note an event of the run."""
        if isinstance(event, ShapesSuggested):
            self.suggested[event.target] = event
        elif isinstance(event, TargetStarted):
            self.declarations[event.target] = event.location
        elif isinstance(event, Found):
            self.refusal = event.finding


async def widest_shapes(carry_out: CarryOut, check: Check, target: str = "") -> Widest:
    """Return the suggestions for a file's targets.

    Args:
        carry_out: Carries out a check.
        check: The check of the file.
        target: The only target of interest, "" for all.

    Raises:
        Exception: whatever carrying out a check raises.
    """
    stages = tuple(stage for stage in STAGES if not TABLE[stage].after_export)
    wanted = replace(
        check,
        run=next(run_numbers),
        suggests_shapes=True,
        stages=stages,
        only=(target,) if target else (),
    )
    found = Widest()
    async with aclosing(carry_out(wanted)) as events:
        async for event in events:
            found.note(event)
    return found
