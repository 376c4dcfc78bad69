"""The six boards."""
