"""A process of its own that publishes a built site and kills itself, as `kill -9` does, after so many requests."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from generator.confluence.apply import Tools, apply
from generator.confluence.built import read_site
from generator.confluence.manifest.journal import Journal
from generator.confluence.plan.settings import PublishSettings
from generator.confluence.rest import Sent, access_from, connect
from generator.confluence.survey import Waiting, prepare


def main(folder: str, journal_file: str, last: int) -> None:
    left, gate = [last], threading.Lock()

    def count(_: Sent) -> None:
        with gate:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    wiki = connect(access_from(os.environ), observer=count)
    built = read_site(Path(folder), lambda _: ())
    with Journal(Path(journal_file)) as journal:
        settings = PublishSettings(space="BOOK")
        prepared = prepare(wiki, built, settings, Waiting(time.time, time.sleep), trace=journal.trace)
        tools = Tools("a process", "token", journal, lambda svg: svg.encode(), time.time, time.sleep)
        apply(prepared.plan, wiki, built, tools, manifest=prepared.manifest)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
