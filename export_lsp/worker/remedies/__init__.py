"""What would help against a finding, in the user's names: one module a kind.

A remedy is a guess with reasons.  It is written down and tried on the server's side (`fixes/`), so
it may be wrong here, but it has to be what a careful author would do: it never takes away what
fails or makes a constant of what depends on data.
"""
