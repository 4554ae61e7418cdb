"""Plans and results for people and programs: text for a terminal, Markdown for a pull request's comment, JSON."""

from generator.confluence.show.data import plan_json, result_json
from generator.confluence.show.markdown import plan_markdown, result_markdown
from generator.confluence.show.terminal import plan_text, result_text

__all__ = ["plan_json", "plan_markdown", "plan_text", "result_json", "result_markdown", "result_text"]
