"""Results of earlier checks, found again by all that they rest on.

An editor is restarted, an edit is undone, a comment is added: the result is known, and no check
runs.  Results are kept in memory and, for later sessions, in the user's cache directory.

- `recall`: finds the result of a question
- `past_result`: a result as it is kept, and its JSON
- `surroundings`: what a process that is started here can see besides files
- `token_remapping`: places found again in a text with equal tokens
- `past_resources`: the time and the memory that checks took
- `disk_cache`: JSON texts on disk
"""

from export_lsp.engine.recall.past_resources import PastResources, Resources
from export_lsp.engine.recall.past_result import PastResult
from export_lsp.engine.recall.recall import Question, Recall

__all__ = ["PastResources", "PastResult", "Question", "Recall", "Resources"]
