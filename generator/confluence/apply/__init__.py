"""Carrying a plan out: the only part that writes to a wiki."""

from generator.confluence.apply.run import Tools, apply
from generator.confluence.plan.result import Failure, Outcome, Result

__all__ = ["Failure", "Outcome", "Result", "Tools", "apply"]
