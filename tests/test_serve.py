"""`modelbook serve` while an author breaks and fixes cards and templates."""

import time

import pytest

from tests.books import MKDOCS, MODEL, TEAM, write_book
from tests.servers import Answer, start_server, wait_until_found
from tests.test_build_stopped import expect_no_process

CARDS = {"models/ryl.yml": MODEL, "teams/t.yml": TEAM}
PAGE = "/models/ryl.html"
BANNER = 'id="modelbook-errors"'


def shows_page(words: str):
    return lambda answer: answer.status == 200 and words in answer.text and BANNER not in answer.text


def shows_error(words: str, error: str):
    """Whether the last good page is shown below the error."""

    def judge(answer: Answer) -> bool:
        if answer.status != 200 or BANNER not in answer.text or error not in answer.text:
            return False
        return words in answer.text.split(BANNER)[1]

    return judge


def test_errors_are_shown_on_the_last_good_site_until_they_are_fixed(tmp_path):
    root = write_book(tmp_path / "book", CARDS)
    card, template = root / "cards/models/ryl.yml", root / "templates/pages/model.md.j2"
    good = card.read_text("utf-8")
    template.parent.mkdir(parents=True)
    template.write_text('{% extends "shipped/pages/model.md.j2" %}\n', "utf-8")
    with start_server(root) as server:
        server.wait_for(PAGE, shows_page("Ranks restaurants."))
        # a card that cannot be read: its page stays
        card.write_text(good + "notes: [<script>alert(1)</script>\n", "utf-8")
        server.wait_for(PAGE, shows_error("Ranks restaurants.", "cards/models/ryl.yml:"))
        card.write_text(good.replace("offline", "<script>alert(1)</script>"), "utf-8")
        shown = server.wait_for("/index.html", shows_error("Restaurants", "cards/models/ryl.yml:6:10 MB013"))
        assert "<script>alert(1)" not in shown.text
        assert "&lt;script&gt;alert(1)" in shown.text
        assert server.get("/assets/modelbook/modelbook.css").status == 200
        assert server.get("/models/nowhere.html").status == 404
        card.write_text(good.replace("Ranks restaurants.", "Changed."), "utf-8")
        server.wait_for(PAGE, shows_page("Changed."))
        # a mistake in a template
        template.write_text("{% if %}\n", "utf-8")
        server.wait_for(PAGE, shows_error("Changed.", "templates/pages/model.md.j2:1:1 MB081"))
        override = '{% extends "shipped/pages/model.md.j2" %}{% block about %}Drawn anew.{% endblock %}\n'
        template.write_text(override, "utf-8")
        server.wait_for(PAGE, shows_page("Drawn anew."))
        # a mistake in the configuration
        configuration = root / "mkdocs.yml"
        configuration.write_text(MKDOCS.replace("as_of", "as_off"), "utf-8")
        server.wait_for(PAGE, shows_error("Drawn anew.", "onfiguration"))
        configuration.write_text(MKDOCS.replace("Test book", "Renamed"), "utf-8")
        server.wait_for(PAGE, shows_page("Renamed"))
        # an error that spoils no page: the page is new, and the error is shown
        card.write_text(good.replace("Ranks restaurants.", "Falls back.") + "fallback: nowhere\n", "utf-8")
        server.wait_for(PAGE, shows_error("Falls back.", "MB101"))
    expect_no_process(server.process.pid)


def test_a_failed_build_keeps_the_last_good_site(tmp_path):
    mkdocs = MKDOCS.replace("{name: material,", "{name: material, custom_dir: theme,")
    root = tmp_path / "book"
    (root / "theme").mkdir(parents=True)
    write_book(root, CARDS, mkdocs + "watch: [theme]\n")
    with start_server(root, "--poll") as server:
        server.wait_for(PAGE, shows_page("Ranks restaurants."))
        (root / "theme/404.html").write_text("{% if %}", "utf-8")  # fails after MkDocs has deleted the site
        server.wait_for(PAGE, shows_error("Ranks restaurants.", "Expected an expression"))
        (root / "theme/404.html").unlink()
        server.wait_for(PAGE, shows_page("Ranks restaurants."))


def test_an_error_page_is_shown_until_there_is_a_good_site(tmp_path):
    root = write_book(tmp_path / "book", {**CARDS, "models/ryl.yml": MODEL.replace("offline", "<b>ofline</b>")})
    with start_server(root) as server:
        answer = server.get(PAGE)
        assert answer.status == 503
        assert "cards/models/ryl.yml:6:10 MB013" in answer.text
        assert "<b>" not in answer.text
        (root / "cards/models/ryl.yml").write_text("kind: [\n", "utf-8")
        server.wait_for("/", lambda answer: answer.status == 503 and "ofline" not in answer.text)
        (root / "cards/models/ryl.yml").write_text(MODEL, "utf-8")
        server.wait_for(PAGE, shows_page("Ranks restaurants."))


@pytest.mark.parametrize("name", ["modelbook", "mkdocs"])
def test_a_foreign_host_name_is_rejected(tmp_path, name):
    options = ["--allow-host", "Book.example.com"] if name == "modelbook" else []
    with start_server(write_book(tmp_path / "book", CARDS), *options, name=name) as server:
        own = ["localhost", f"127.0.0.1:{server.port}", "[::1]:80", "preview.localhost", "192.0.2.7"]
        foreign = ["evil.example", "localhost.evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "[",
                   "localhost@evil.example", "a b"]  # fmt: skip
        (own if name == "modelbook" else foreign).append("book.example.com")
        assert {host: server.get(PAGE, host).status for host in own} == dict.fromkeys(own, 200)
        for path in (PAGE, "/livereload/0/0", "/pages.json"):
            for host in foreign:
                answer = server.get(path, host)
                assert answer.status == 421, (path, host)
                assert answer.text.count("\n") == 1
        assert "other machines" not in server.log.read_text("utf-8")


def test_a_server_for_other_machines_prints_a_warning(tmp_path):
    with start_server(write_book(tmp_path / "book", CARDS), host="0.0.0.0") as server:
        assert server.get(PAGE, "192.0.2.7").status == 200
        assert server.get(PAGE, "evil.example").status == 421
        warnings = [line for line in server.log.read_text("utf-8").splitlines() if "other machines" in line]
        assert warnings == ["WARNING -  serving on 0.0.0.0: other machines can read this book"]


def test_a_killed_server_leaves_no_process(tmp_path):
    with start_server(write_book(tmp_path / "book", CARDS)) as server:
        server.wait_for(PAGE, shows_page("Ranks restaurants."))
        server.process.kill()
        expect_no_process(server.process.pid)


def test_a_change_of_a_card_is_shown_without_a_build_of_the_whole_book(tmp_path):
    root = write_book(tmp_path / "book", CARDS)
    card = root / "cards/models/ryl.yml"
    time.sleep(0.1)  # a book that changes within the tick of the clock before the start is built again
    with start_server(root) as server:
        server.wait_for(PAGE, shows_page("Ranks restaurants."))
        for words in ("Sorts all.", "Sorts some.", "Ranks restaurants."):
            (tmp_path / "saved.yml").write_text(MODEL.lstrip().replace("Ranks restaurants.", words), "utf-8")
            (tmp_path / "saved.yml").replace(card)  # else the server could read a part of it
            server.wait_for(PAGE, shows_page(words))
            server.wait_for("/models/index.html", shows_page(words))  # the files are moved one after the other
        assert server.log.read_text("utf-8").count("Building documentation") == 1
        wait_until_found(lambda: server.log.read_text("utf-8").count("Reloading browsers") == 3 or None)
        # what cannot be updated is built, and the next change is an update again
        card.write_text(MODEL.lstrip() + "fallback: nowhere\n", "utf-8")
        server.wait_for(PAGE, shows_error("Ranks restaurants.", "MB101"))
        card.write_text(MODEL.lstrip() + "notes: Repaired.\n", "utf-8")
        server.wait_for(PAGE, shows_page("Repaired."))
    expect_no_process(server.process.pid)
