"""Example inputs for a model, guessed from the syntax of its file."""
