"""Explains exceptions: judges again by the recorded evidence, and says whether that gives the same."""
