"""The language server.  It imports neither torch nor anything of the user's.

- `app`: the tables of LSP methods and commands, stdio and sockets
- `session`, `folder`: one connection, one workspace folder: what is checked and when
- `options`: the editor's options; `reporter`: what running checks show in the editor
- `view`, `problems`: what is known now, for the features
- `features/`: answers to requests, one module a feature
- `editor/`: the editor's documents, and the notifications sent to it
- `connection/`: bytes to messages, messages to handlers
- `log`: the log on stderr
"""
