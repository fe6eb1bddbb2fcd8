"""The texts of exceptions.  Their classes may be the user's, so ``str`` of one may fail."""

from __future__ import annotations

# What user code can raise without ending the run.  KeyboardInterrupt, SystemExit and the exceptions
# that test frameworks skip with do not derive from Exception.
USER_ERRORS = (BaseException,)

# Characters of a text that are sent on; the graphs and trees in torch's own texts are shorter.
MAX_TEXT = 100_000
# Characters of a text that becomes part of a sentence.
MAX_SENTENCE = 1_000


def text_of(error: BaseException) -> str:
    """Return an exception's text, at most `MAX_TEXT` characters; "" if its own code fails."""
    traceback = error.__traceback__
    try:
        text = str(error)
    except BaseException:  # user code may raise anything
        error.__traceback__ = traceback  # `__str__` may have raised `error` itself, from here
        return ""
    return truncate(text, MAX_TEXT)


def truncate(text: str, length: int) -> str:
    """Return at most `length` characters of a text, and "…" after them if there are more.

    Lone surrogates are escaped: an editor may not be able to read them.
    """
    kept = text if len(text) <= length else f"{text[:length]}…"
    return kept.encode("utf-8", "backslashreplace").decode("utf-8")
