"""Looking at the wiki before anything is planned: it reads and never writes."""

from generator.confluence.survey.prepare import Prepared, Waiting, prepare

__all__ = ["Prepared", "Waiting", "prepare"]
