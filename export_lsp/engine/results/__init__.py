"""The results of checks, by the file that was checked, and their places in edited text."""
