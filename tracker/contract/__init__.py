"""What crosses the wire: carriers' bodies, our own records, and the files people write.

pydantic checks what carriers and people wrote; msgspec carries what our own stages exchange.
"""
