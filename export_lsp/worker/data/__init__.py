"""Plain data that the parts of the worker exchange."""
