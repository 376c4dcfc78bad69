"""Train and wagon numbers in the forms the railways write them."""

from random import Random
from typing import Final

from tracker.domain.network import Network

_STANDARD: Final = 1435


def train_number(rng: Random, country: str) -> str:
    """A train number: `X8123` in China, four digits elsewhere. Not stable over a journey, as in life."""
    return f"X8{rng.randrange(1_000):03d}" if country == "CN" else str(rng.randrange(1_000, 10_000))


def wagon_number(rng: Random, network: Network, a: str, b: str) -> str:
    """A platform's number on the way from `a` to `b`.

    Eight digits and their check digit on 1520 mm, twelve on 1435 mm (UIC), type and serial in China.
    """
    near, far = network.nodes[a], network.nodes[b]
    if near.country == far.country == "CN":
        return f"X70 {rng.randrange(5_200_000, 5_300_000)}"
    if _STANDARD in near.gauges and _STANDARD in far.gauges and len(set(near.gauges + far.gauges)) == 1:
        return _with_check_digit(f"3180{rng.randrange(4_500_000, 4_600_000)}")
    return _with_check_digit(f"94{rng.randrange(100_000):05d}")


def _with_check_digit(digits: str) -> str:
    """Every second digit from the first on doubled and its digits added; the check digit fills up the ten."""
    total = sum(sum(divmod(int(digit) << (place % 2 == 0), 10)) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
