"""What people and programs ask a worker over HTTP: health, metrics, figures as JSON, one page of them.

Own aiohttp application, not Faust's: that one also serves its internals and a router for tables. Nothing here
changes anything, so there is nothing to log in for; put a proxy in front where the figures are not public.
"""
