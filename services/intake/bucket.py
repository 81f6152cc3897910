"""Bucket: how many requests a portal may send, as a token bucket without a timer."""


class Bucket:
    """``rate`` tokens a second flow in, at most ``burst`` stay; times are seconds of a clock that never goes back."""

    __slots__ = ("_at", "_burst", "_level", "_rate")

    def __init__(self, rate: float, burst: float, at: float) -> None:
        self._rate, self._burst = rate, burst
        self._level, self._at = burst, at

    def take(self, at: float) -> float:
        """Takes one token and returns 0.0, or returns the seconds until there will be one."""
        self._level = min(self._burst, self._level + (at - self._at) * self._rate)
        self._at = at
        if self._level < 1.0:
            return (1.0 - self._level) / self._rate
        self._level -= 1.0
        return 0.0
