"""The railway's own rules: identifiers, network, reports, journeys and facts.

Pure: standard library and msgspec only, no I/O, no clock, no logging, no randomness. Every time is an
argument, in whole milliseconds of UTC since 1970 (`Millis`): a container's row is read and written for
every report, and an integer costs a tenth of an aware datetime there. Text appears only at the edge.
"""
