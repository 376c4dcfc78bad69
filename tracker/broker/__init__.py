"""The embedded broker: a whole tracker on one machine with nothing installed but Python packages."""
