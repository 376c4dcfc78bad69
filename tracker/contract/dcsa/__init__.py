"""DCSA Track & Trace, 2.2 and 3.0, read into the fields of the native event."""
