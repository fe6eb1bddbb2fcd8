"""Code that Dynamo cannot capture."""

from __future__ import annotations

import re
from dataclasses import replace
from types import TracebackType

from export_lsp.protocol import Finding, Location, Related, Remedy, Replacement
from export_lsp.source import as_operand
from export_lsp.worker.data.target import Built
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.places.return_site import return_expression
from export_lsp.worker.places.returned_inputs import returned_inputs
from export_lsp.worker.private import dynamo, errors
from export_lsp.worker.stages.capture import graph_break_messages

PAGE = re.compile(r"https://\S*/gb/(gb\d+)\.html")
# A failure at the end of the trace, for which Dynamo has no place in the code.
RETURNED = "returning intermediate"
HIGHER_ORDER_OPS = "higher_order_ops"
ALIASING = "do not support aliasing"


def explain_higher_order(failure: Failure, built: Built) -> Finding | None:
    """Return the finding for a failure in a higher-order operator; None for others.

    See `capture.explain`. Dynamo captures the functions given to ``torch.cond`` and the like in
    both modes, and even in eager mode, so that the failure says nothing about the model there.
    """
    links = list(locate.chain(failure.error))
    if not errors.find(links, errors.HIGHER_ORDER) and not _inside_higher_order(
        failure.error.__traceback__
    ):
        return None
    text = str(links[-1])
    returned = _returned_inputs(failure) if ALIASING in text else []
    finding = failure.finding(
        "graph-break",
        graph_break_messages.higher_order_words(failure.expression, text),
        url=_url(text),
        data=_data(text),
    )
    if not returned:
        return finding
    given = Related(failure.location, "the function is given to this call")
    first, *others = (
        Replacement(place, f"{as_operand(failure.excerpt(place))}.clone()") for place in returned
    )
    copies = " and ".join(f"`{part.text}`" for part in (first, *others))
    title = f"Return the copies {copies}" if others else ""
    return replace(
        finding,
        location=first.location,
        related=(given, *finding.related),
        remedies=(Remedy("replace", first.location, first.text, tuple(others), title=title),),
    )


def _returned_inputs(failure: Failure) -> list[Location]:
    """Return the expressions by which functions given to the failing call return an input."""
    source, call = failure.source(failure.location), failure.node
    if source is None or call is None or failure.stack.library is not None:
        return []
    return returned_inputs(source, call)


def _inside_higher_order(tb: TracebackType | None) -> bool:
    while tb is not None:
        if HIGHER_ORDER_OPS in tb.tb_frame.f_code.co_filename:
            return True
        tb = tb.tb_next
    return False


def explain(failure: Failure, built: Built) -> Finding | None:
    """Return the finding for any other failure of Dynamo; None for others.

    See `capture.explain`.
    """
    if failure.mode != "strict" or not _dynamo_failed(failure.error):
        return None
    location, expression = None, failure.expression
    if RETURNED in failure.text and not failure.stack:
        location = return_expression(failure.workspace, built)
        expression = failure.excerpt(location) if location is not None else expression
    return failure.finding(
        "graph-break",
        graph_break_messages.dynamo_words(expression, failure.text),
        location=location,
        url=_url(failure.text),
        data=_data(failure.text),
    )


def _dynamo_failed(error: BaseException) -> bool:
    """Return whether the failure came up while Dynamo traced, not in the trace of its graph."""
    links = list(locate.chain(error))
    return errors.find(links, errors.DYNAMO_ERROR) is not None or any(
        dynamo.was_tracing(link.__traceback__) for link in links
    )


def _url(text: str) -> str | None:
    match = PAGE.search(text)
    return match[0] if match else None


def _data(text: str) -> dict[str, str]:
    match = PAGE.search(text)
    return {"graph_break": match[1].upper()} if match else {}
