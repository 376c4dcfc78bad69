"""Prometheus: every metric of the tracker is born here.

Nothing else knows the library, but the composition root, which makes the registry.

Two views of one truth. Counters and histograms (`flow`, `engine`) count what was processed, for rates; a
restart or a repeated batch may count something twice. Gauges with a window (`gauges`) say what happened by
event time; they are read from the stages' rows when Prometheus asks, so they are exact, and a quantile of
fewer than five values is absent, not zero.

Labels come from the network, the carriers file and closed sets; never from a container, train or wagon.
A subject's series come from the one worker that owns it; a journey's are to be summed over workers.
"""
