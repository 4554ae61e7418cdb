"""The schema told to others: to editors, to readers of the reference page, to the author of a new card."""

from generator.schema.editor import json_schema
from generator.schema.reference import FieldDoc, KindDoc, field_docs
from generator.schema.skeleton import skeleton

__all__ = ["FieldDoc", "KindDoc", "field_docs", "json_schema", "skeleton"]
