"""Python control flow on a tensor's value, as operators that export can trace."""
