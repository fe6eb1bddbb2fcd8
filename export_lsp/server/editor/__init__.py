"""The editor: what it can do, which documents are open in it, and what is shown in it.

- `client`: its capabilities; messages, questions and diagnostics sent to it
- `documents`, `encodings`: its open documents, and positions as it counts them
- `publisher`, `status`, `progress`, `output`: diagnostics, state, progress bars and printed text
"""
