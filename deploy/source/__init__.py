"""Where the files under `deploy/` come from that `make deploy` writes: rules, routes, boards, objects.

Typed, so that a misspelt field is found before a program reads it; compared with what is committed by `make check`.
Nothing of the product imports this.
"""
