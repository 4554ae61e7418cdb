"""Carrying a plan out: the only part that writes to a wiki."""

from generator.confluence.apply.result import Failure, Outcome, Result
from generator.confluence.apply.run import Tools, apply

__all__ = ["Failure", "Outcome", "Result", "Tools", "apply"]
