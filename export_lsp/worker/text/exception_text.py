"""What exceptions say: their classes are the user's, so that may be anything, or fail itself."""

from __future__ import annotations

# What user code can raise without ending the run: KeyboardInterrupt and what test frameworks skip
# with are no `Exception`.
USER_ERRORS = (BaseException,)

# Characters of a text that are passed on: the graphs and trees in torch's own texts are shorter.
MAX_TEXT = 100_000
# Characters of what is told in a sentence.
MAX_SENTENCE = 1_000


def text_of(error: BaseException) -> str:
    """The text of an exception; none where its own code fails."""
    traceback = error.__traceback__
    try:
        text = str(error)
    except BaseException:  # whatever user code raises says no more than that there is no text
        error.__traceback__ = traceback  # it may have raised itself, and come from here since
        return ""
    return truncate(text, MAX_TEXT)


def truncate(text: str, length: int) -> str:
    """The beginning of a text, which any editor can read: half of a surrogate pair it may not."""
    kept = text if len(text) <= length else f"{text[:length]}…"
    return kept.encode("utf-8", "backslashreplace").decode("utf-8")
