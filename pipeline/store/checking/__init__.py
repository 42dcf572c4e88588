"""What must always hold, as queries: each returns the rows that break it."""

from pipeline.store.checking.checks import MOST_SHOWN, Finding, check, rules

__all__ = ["MOST_SHOWN", "Finding", "check", "rules"]
