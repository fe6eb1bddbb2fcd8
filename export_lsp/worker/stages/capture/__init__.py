"""`capture`: what stops non-strict tracing or Dynamo inside ``forward``."""
