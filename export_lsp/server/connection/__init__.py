"""The connection to the client: bytes to messages, messages to handlers, and answers to bytes.

- `listening`: sockets that wait for a client
- `admission`: the client of a socket that is let in
- `channels`: two threads that read and write bytes
- `frames`: bytes to the bodies of messages (LSP 3.17, Base Protocol)
- `messages`: bodies to valid JSON-RPC messages
- `endpoint`: messages to handlers, answers to messages
- `outbox`: messages that wait to be written
- `connection`: all of them together, from the first byte to the last
"""
