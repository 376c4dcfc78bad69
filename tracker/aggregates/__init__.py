"""Figures from facts, pure: histogram, tallies per hour of event time, windows, corridor statistics."""
