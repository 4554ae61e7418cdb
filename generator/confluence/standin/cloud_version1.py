"""What Cloud still has of the older API, and what it has taken away."""

from generator.confluence.standin import page_tree, version1, words
from generator.confluence.standin.messages import Reply, Route, json_reply
from generator.confluence.standin.refusals import Reason, Refusal
from generator.confluence.standin.visit import Visit

API = "/wiki/rest/api"


def archive(at: Visit) -> Reply:
    """Accepts pages to archive, and names the task."""
    listed = at.request.json().get("pages") or []
    if not listed or not all(isinstance(one, dict) and isinstance(one.get("id"), int) for one in listed):
        raise Refusal(Reason.BAD_REQUEST, "pages must list objects with an id that is a number")
    task_id = page_tree.archive(at, [str(one["id"]) for one in listed])
    status = f"{at.base}{API}/longtask/{task_id}"
    return json_reply({"id": task_id, "links": {"status": status}}, 202)


def task(at: Visit, task_id: str) -> Reply:
    """Return how far a task is: under way at the first look, done at the second."""
    rows = at.tables.rows("SELECT name, message, looks FROM task WHERE id = ?", task_id)
    if not rows:
        raise Refusal(Reason.NOT_FOUND, f"No long task with id {task_id}")
    name, message, looks = rows[0]
    at.tables.run("UPDATE task SET looks = looks + 1 WHERE id = ?", task_id)
    return json_reply(
        {
            "id": task_id,
            "name": {"key": str(name), "args": []},
            "elapsedTime": 10,
            "percentageComplete": 100 if looks else 50,
            "successful": bool(looks),
            "finished": bool(looks),
            "messages": [{"translation": str(message), "args": []}] if looks else [],
            "_links": {"self": f"{at.base}{API}/longtask/{task_id}"},
        }
    )


def removed(at: Visit, **_: str) -> Reply:
    """410, as Cloud answers since it moved pages and properties to v2."""
    return words.removed(at.request.path)


ROUTES = (
    *version1.routes(API),
    Route("PUT", f"{API}/content/{{page_id}}/child/attachment", version1.upsert_file),
    Route("POST", f"{API}/content/archive", archive),
    Route("GET", f"{API}/longtask/{{task_id}}", task),
    *(Route(method, f"{API}/content", removed) for method in ("GET", "POST")),
    *(Route(method, f"{API}/content/{{page_id}}", removed) for method in ("GET", "PUT", "DELETE")),
    *(Route(method, f"{API}/content/{{page_id}}/property", removed) for method in ("GET", "POST")),
    *(Route(method, f"{API}/content/{{page_id}}/property/{{key}}", removed) for method in ("GET", "PUT", "DELETE")),
    Route("GET", f"{API}/content/{{page_id}}/label", removed),
    Route("GET", f"{API}/content/{{page_id}}/child/page", removed),
    Route("GET", f"{API}/content/{{page_id}}/child/attachment", removed),
)
