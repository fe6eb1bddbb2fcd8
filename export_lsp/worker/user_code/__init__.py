"""The user's files: which ones they are, what they import and read, and their syntax."""
