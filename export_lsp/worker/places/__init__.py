"""Where something is in the user's source: frames, exceptions, symbols and guards to ranges."""
