"""The user's files: which ones they are, their imports and reads, and their syntax."""
