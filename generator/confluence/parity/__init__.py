"""Proof that a wiki page holds what its page on the site holds, by reading both sides anew.

Nothing in here knows how the conversion works: the site's page is read by Python's own HTML parser, the wiki's by
Python's own XML parser, each into the same plain items. What a conversion forgets is therefore found missing.
"""

from generator.confluence.parity.addresses import Surroundings
from generator.confluence.parity.report import Parity, Tally, parity

__all__ = ["Parity", "Surroundings", "Tally", "parity"]
