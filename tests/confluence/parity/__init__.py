"""The proof that a converted page has all content of its page on the site, by reading both sides anew.

Nothing in here knows how the conversion works: the page of the site is read by Python's own HTML parser, that of the
wiki by Python's own XML parser, each into the same plain items. What a conversion forgets is therefore found missing.
What differs by design: elements that are only for the site (`by_design`), the title, which the wiki shows above the
page, abbreviations that are spelled out once, the boxes of tasks, and what only the wiki has (`on_wiki.ADDED`).
"""

from tests.confluence.parity.addresses import Surroundings
from tests.confluence.parity.report import Parity, Tally, parity

__all__ = ["Parity", "Surroundings", "Tally", "parity"]
