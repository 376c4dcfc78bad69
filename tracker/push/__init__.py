"""Tables into reports: `tracker push` reads a carrier's CSV or XLSX file and sends native events.

A mapping file says what a column means; nothing about a time, a zone or a place is guessed. The same
path serves the carrier's dry run: what the tracker would say about each row, without sending one.
"""
