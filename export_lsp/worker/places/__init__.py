"""Locate frames, exceptions, graph nodes, symbols and guards in the user's source."""
