"""The editor's side of the wire: bytes to messages, messages to handlers, and answers back."""
