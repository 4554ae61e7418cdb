"""The worker of the search, as Material's page uses it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.sites import serve_folder

Result = list[list[dict[str, Any]]]
"""The items of a result: for each page, the page and its sections."""

_ASK = """async ([address, queries]) => {
  const response = await fetch(new URL("search/search_index.json", address));
  const worker = new Worker(new URL("assets/modelbook/search.js", address));
  const results = [];
  let wake = () => {};
  worker.onmessage = ({ data }) => { results.push(data); wake(); };
  const receive = async () => {
    while (!results.length) await new Promise((resolve) => { wake = resolve; });
    return results.shift();
  };
  worker.postMessage({ type: 0, data: await response.json() });
  const ready = await receive();
  if (ready.type !== 1) throw new Error(JSON.stringify(ready));
  const answers = [];
  for (const query of queries) {
    worker.postMessage({ type: 2, data: query });
    answers.push((await receive()).data.items);
  }
  worker.terminate();
  return answers;
}"""


def ask_worker(page: Page, site: Path, queries: Iterable[str]) -> list[Result]:
    """Return the items for each query that our worker finds in a site."""
    with serve_folder(site) as address:
        page.goto(f"{address}404.html")
        answers: list[Result] = page.evaluate(_ASK, [address, list(queries)])
    return answers


def list_locations(result: Result) -> list[str]:
    """Return the pages of a result, without sections."""
    return [next(item["location"] for item in items if "#" not in item["location"]) for items in result]


def type_query(page: Page, query: str) -> None:
    """Type a query into the box of a page."""
    page.locator(".md-search__input").click()
    page.locator(".md-search__input").press_sequentially(query)
