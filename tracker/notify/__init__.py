"""Tells the outside of exceptions: one consumer of `rail.exceptions`, a journal of what was told to whom."""
