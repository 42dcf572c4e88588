"""When a child that died is started again. Plain arithmetic: the clock is the supervisor's."""

from dataclasses import dataclass

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
# A child that lived this long was healthy; its next death counts as the first.
HEALTHY_AFTER = 60.0
# A child that dies this often without ever having been ready has something that a restart won't mend.
TRIES_TO_START = 4


@dataclass(frozen=True, slots=True)
class Deaths:
    """How often a child died in a row, and whether it was ever ready."""

    in_a_row: int = 0
    was_ready: bool = False

    def ready(self) -> "Deaths":
        return Deaths(self.in_a_row, was_ready=True)

    def another(self, lived: float) -> "Deaths":
        """One more death, after `lived` seconds."""
        return Deaths(1 if lived >= HEALTHY_AFTER else self.in_a_row + 1, self.was_ready)

    @property
    def pause(self) -> float:
        """Seconds to wait before the next start; doubles with every death in a row."""
        if self.in_a_row == 0:
            return 0.0
        # The exponent is bounded too: a float overflows after a thousand deaths.
        return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self.in_a_row - 1, 10)))

    @property
    def is_hopeless(self) -> bool:
        return not self.was_ready and self.in_a_row >= TRIES_TO_START
