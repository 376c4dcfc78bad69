"""What was learned of carriers, in place of a guess: see `aggregates.situation`, which learns it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Norms:
    """Learned once a day; `version` is the day they hold for (whole days since 1970), 0 before anything was learned.

    `delays`: carrier to the p95, in milliseconds, by which its reports come after what they tell of. `gaps`: carrier
    to the p95, in milliseconds, between two of its reports.
    """

    version: int = 0
    delays: Mapping[str, int] = field(default_factory=dict)
    gaps: Mapping[str, int] = field(default_factory=dict)


NO_NORMS: Final = Norms()
"""Nothing was learned yet."""
