"""Plain data that parts of the worker exchange."""
