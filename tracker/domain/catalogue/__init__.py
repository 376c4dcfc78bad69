"""Every fault a report can have, one module per hundred; `tracker.domain.faults` puts them together.

A new one is an `Entry` in the module of its hundred, with an example that has it: the tests send that through the real
intake, and `schemas/faults.yaml`, the feedback, `tracker lint` and the carrier's guide take their words from it.
"""
