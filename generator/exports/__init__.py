"""The book for other tools: the whole graph as JSON, a Backstage catalog, a README, a Graphviz graph.

Pure functions from cards and graph to data and text; whoever calls them decides where it goes, and blacks out secrets.
"""

from generator.exports.backstage import backstage
from generator.exports.catalog import catalog, catalog_schema, catalog_text
from generator.exports.dot import dot
from generator.exports.readme import readme

__all__ = ["backstage", "catalog", "catalog_schema", "catalog_text", "dot", "readme"]
