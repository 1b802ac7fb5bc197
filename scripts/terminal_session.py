#!/usr/bin/env python3
"""Two full-screen clients and the dashboard talk through a real server in tmux; what they show becomes docs/TERMINAL.md.

    python3 scripts/terminal_session.py [--profile debug|release]

Needs tmux. Colours are not in the text; everything else is as the terminal has it.
"""

import argparse
import pathlib
import re
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOCKET = "shepot-session"


def tmux(*arguments, check=True):
    done = subprocess.run(["tmux", "-L", SOCKET, "-f", "/dev/null", *arguments],
                          capture_output=True, text=True, check=check)
    return done.stdout


class Pane:
    """A program in a terminal of its own."""

    def __init__(self, name, size, command):
        self.name = name
        tmux("new-session", "-d", "-s", name, "-x", str(size[0]), "-y", str(size[1]),
             "env TERM=tmux-256color " + command)

    def types(self, text):
        tmux("send-keys", "-t", self.name, "-l", text)

    def presses(self, *keys):
        for key in keys:
            tmux("send-keys", "-t", self.name, key)
            time.sleep(0.15)

    def shows(self):
        return tmux("capture-pane", "-p", "-t", self.name).rstrip("\n")

    def waits(self, text, patience=30):
        end = time.monotonic() + patience
        while text not in self.shows():
            if time.monotonic() > end:
                raise RuntimeError(f"{self.name} never shows {text!r}:\n{self.shows()}")
            time.sleep(0.1)

    @staticmethod
    def ends(name, patience=10):
        """Ctrl+C, and the program has ended."""
        tmux("send-keys", "-t", name, "C-c", check=False)
        end = time.monotonic() + patience
        while name in tmux("list-sessions", "-F", "#{session_name}", check=False).split():
            if time.monotonic() > end:
                raise RuntimeError(f"{name} does not end")
            time.sleep(0.1)


def session(profile, folder):
    """Plays it; gives titles and pictures."""
    programs = ROOT / "target" / profile
    server, client = programs / "shepot-server", programs / "shepot-tui"
    state = f"--state-dir {folder}/state"
    pictures = []
    relay = Pane("server", (100, 30), f"{server} run {state} --listen 127.0.0.1:7443 --language en")
    relay.waits("shepot-server invite")
    made = subprocess.run([server, "invite", "--state-dir", f"{folder}/state", "--label", "table", "--uses", "5"],
                          capture_output=True, text=True, check=True).stdout
    link = pathlib.Path(folder) / "link"
    link.write_text(next(line for line in made.splitlines() if line.startswith("shepot://")))
    marina = Pane("marina", (100, 30), f"LANG=ru_RU.UTF-8 {client} --nick Марина --invitation-file {link}")
    marina.waits("На связи")
    tomas = Pane("tomas", (80, 24), f"LANG=en_US.UTF-8 {client} --nick Tomas --invitation-file {link}")
    tomas.waits("Connected")
    marina.waits("Tomas")
    marina.types("/new поход")
    marina.presses("Enter")
    marina.waits("# поход")
    marina.types("/room поход")
    marina.presses("Enter")
    tomas.waits("# поход")
    tomas.types("/room поход")
    tomas.presses("Enter")
    marina.types("Посмотрела прогноз: в субботу **сухо** до четырёх, потом гроза. Электричка в 7:12?")
    marina.presses("Enter")
    tomas.waits("Электричка")
    tomas.types("7:12 is brutal, but fine. Who has a stove? @Мар")
    tomas.presses("Tab", "Enter")
    marina.waits("stove")
    marina.presses("F6", "r")
    marina.types("Горелка у меня :tent:")
    marina.presses("Escape", "Enter")
    tomas.presses("F6", "e")
    tomas.types("coffee")
    tomas.waits(":coffee:")
    tomas.presses("Enter", "Escape")
    marina.waits("[☕ 1]")
    pictures.append(("Marina, 100 columns, Russian", marina.shows()))
    tomas.types("Does the trail still cross the ol")
    time.sleep(0.5)
    pictures.append(("Tomas, 80 columns, English", tomas.shows()))
    marina.presses("F4")
    marina.waits("Совпадает")
    pictures.append(("The safety code", marina.shows()))
    marina.presses("y")
    marina.presses("F8")
    marina.waits("Что о вас видит сервер")
    pictures.append(("What the server sees of her, as the server says", marina.shows()))
    marina.presses("Escape")
    top = Pane("top", (100, 30), f"LANG=en_US.UTF-8 {server} top {state}")
    top.waits("2 Active 2")
    pictures.append(("The operator's dashboard at the same time", top.shows()))
    top.presses("Down", "d")
    top.waits(", 127.0.0.1?")
    pictures.append(("The operator is asked before somebody is disconnected", top.shows()))
    top.presses("y")
    tomas.waits("operator")
    pictures.append(("Tomas is told", tomas.shows()))
    marina.presses("C-q")
    marina.waits("?")
    marina.presses("y")
    return pictures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", default="debug", choices=["debug", "release"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            pictures = session(options.profile, folder)
            # It writes its last word into the folder.
            Pane.ends("server")
        finally:
            tmux("kill-server", check=False)
    text = ["# The terminal, as it looks", "",
            "Two full-screen clients and the dashboard in tmux, talking through a real server; made by "
            "`scripts/terminal_session.py`. Colours are not in the text.", ""]
    for title, picture in pictures:
        # The fingerprints, times and numbers are those of that evening.
        lines = [re.sub(r"\s+$", "", line) for line in picture.split("\n")]
        text += [f"## {title}", "", "```text", *lines, "```", ""]
    (ROOT / "docs" / "TERMINAL.md").write_text("\n".join(text))


if __name__ == "__main__":
    main()
