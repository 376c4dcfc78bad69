"""The operations page: HTML made on the server, readable without script; a small script of ours keeps it up to date."""
