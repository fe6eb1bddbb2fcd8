"""The user's files: which they are, what they import and read, and what their syntax says."""
