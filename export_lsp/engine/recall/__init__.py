"""Results by what they rest on, so that nothing is checked again that was checked before.

An editor that is opened again, a file that is reverted, a comment that is written: the answer is
known.  It is kept in memory and, for the next session, in the user's cache directory.
"""

from export_lsp.engine.recall.recall import Asked, Recall
from export_lsp.engine.recall.remembered import Remembered, Shown

__all__ = ["Asked", "Recall", "Remembered", "Shown"]
