"""Canaries travel all the time, and one is late each hour: whether that comes out of the notifier proves the chain."""
