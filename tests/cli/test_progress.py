"""Progress without a terminal, as in the log of a CI system."""

from generator.cli.progress import show_progress


def test_a_log_gets_a_line_of_progress_every_five_seconds(capsys):
    times = iter([0.0, 1.0, 5.0, 5.0, 9.0, 10.5, 10.5])
    with show_progress("Publishing pages", 300, lambda: next(times)) as update:
        for done in (10, 60, 90, 120):
            update(done)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines() == ["Publishing pages (60/300)", "Publishing pages (120/300)"]
