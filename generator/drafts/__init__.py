"""First drafts of cards from what a company already has: a model registry, API descriptions, READMEs, spreadsheets.

Every import is a function from text or data to `Drafts`: files for the cards folder, and notes on what found no place.
A draft always binds: a value that the schema refuses is noted instead. It carries the tag `draft`, says at its top
where it comes from and what is left to fill in, and marks every guess where it stands.
"""

from generator.drafts.values import DraftFile, Drafts, Note
from generator.drafts.writing import Skipped, Written, write_drafts

__all__ = ["DraftFile", "Drafts", "Note", "Skipped", "Written", "write_drafts"]
