#!/usr/bin/env python3
"""Takes the pictures in docs/first-days: what somebody meets in the first days, in the real window under Xvfb.

    scripts/first_days.py [--profile debug|release] [--out FOLDER] [film] [sheets]

`film`: from the first page to the first message by mouse, in both languages. Keys are pressed for the letters of a nick
and of a message alone. `sheets`: questions and pages, in both languages, dark and light, 1280 and 420 pixels wide. Without
either, both. Each sheet is one file.
"""

import argparse
import pathlib
import subprocess
import time

from window_driver import ROOT, Display, Member, Server, Window, binary, needs, workplace

parser = argparse.ArgumentParser()
parser.add_argument("--profile", default="debug")
parser.add_argument("--out", default=str(ROOT / "docs" / "first-days"))
# The empty list is what argparse checks where nothing is given.
parser.add_argument("what", nargs="*", choices=["film", "sheets", []])
options = parser.parse_args()
needs("Xvfb", "xdotool", "import", "montage", "xclip", "setxkbmap")
out = pathlib.Path(options.out)
profile = options.profile

WORDS = {
    "ru": {"nick": "Ника", "guest": "Боря", "said": "Привет! Слышно?", "answer": "Слышно, тихо и хорошо.",
           "circle": "Маяк", "room": "кино", "typed": "rbyj"},
    "en": {"nick": "Nika", "guest": "Boris", "said": "Hello! Can you hear me?", "answer": "Loud and quiet.",
           "circle": "Lighthouse", "room": "films", "typed": "films"},
}


class Sheet:
    """Pictures of one window, put together into one file."""

    def __init__(self, folder, name, columns, share):
        self.folder, self.name, self.columns, self.share = pathlib.Path(folder), name, columns, share
        self.taken = []

    def take(self, window, name):
        time.sleep(0.4)
        path = self.folder / f"{self.name}-{len(self.taken):02}.png"
        window.picture(path)
        self.taken.append((name, path))

    def write(self):
        out.mkdir(parents=True, exist_ok=True)
        named = [part for name, path in self.taken for part in ("-label", name, str(path))]
        subprocess.run(["montage", *named, "-tile", f"{self.columns}x", "-geometry", "+8+8", "-resize", self.share,
                        "-background", "#808080", "-pointsize", "16", "-quality", "72", "-strip", str(out / f"{self.name}.jpg")],
                       check=True)
        print(self.name, flush=True)


def film(language, place):
    """Nobody touches the keyboard but to write a nick and a message."""
    words, display = WORDS[language], Display()
    sheet = Sheet(place, f"first-message-{language}", 3, "50%")
    window = Window(profile, display, place / f"film-{language}", None,
                    ["--language", language, "--listen", "127.0.0.1:0"])
    guest = None
    try:
        window.move(640, 700)
        time.sleep(0.8)
        sheet.take(window, "1")
        window.click(900, 266)
        window.type(words["nick"])
        window.move(1122, 579)
        sheet.take(window, "2")
        window.click(1122, 579)
        window.move(640, 400)
        time.sleep(2.5)
        sheet.take(window, "3")
        # "Invite", at the foot of the members.
        window.click(1164, 770)
        time.sleep(0.8)
        sheet.take(window, "4")
        find_link(window)
        sheet.take(window, "5")
        guest = Member(profile, words["guest"], window.clipboard())
        time.sleep(0.8)
        close_dialog(window)
        window.move(700, 500)
        sheet.take(window, "6")
        window.click(620, 762)
        window.type(words["said"])
        sheet.take(window, "7")
        window.click(1012, 762)
        guest.sees(words["said"])
        guest.say(words["answer"])
        window.move(700, 400)
        time.sleep(0.8)
        sheet.take(window, "8")
    finally:
        window.close()
        if guest:
            guest.close()
        display.close()
    sheet.write()


def find_link(window):
    """Clicks the button that copies: below the link, whatever stands above it."""
    for y in range(380, 640, 20):
        window.click(720, y)
        if window.clipboard().startswith("shepot://"):
            return
    raise RuntimeError("nothing was copied")


def close_dialog(window):
    """The cross of the dialog stands in its upper corner."""
    for y in (232, 222, 212, 202, 192, 182, 172, 162):
        window.click(983, y)


def invitations(server):
    """The owner's link to a new circle, and a member's."""
    told = subprocess.run([binary("shepot-server", profile), "invite", "--owner", *server.arguments()],
                          capture_output=True, text=True, check=True).stdout
    links = [line for line in told.splitlines() if line.startswith("shepot://")]
    return links[-1], links[0]


def sheet_of(language, theme, width, place, server):
    words, display = WORDS[language], Display()
    is_narrow = width < 720
    sheet = Sheet(place, f"{language}-{theme}-{width}", 6 if is_narrow else 3, "75%" if is_narrow else "50%")
    owner, member = invitations(server)
    guests = []
    servers = [{"name": name, "entry": entry, "connects_at_start": on, "about": None} for name, entry, on in
               ((words["circle"], owner, True), (words["circle"] + " 2", "192.0.2.7:7443", False),
                ("203.0.113.24", "203.0.113.24:7443", False))]
    kept = {"servers": servers, "profile": {"nick": "nika", "avatar": "emoji", "emoji": "🦉", "picture": ""},
            "language": language, "theme": theme, "lock_after_minutes": 5}
    window = Window(profile, display, place / f"{sheet.name}", kept, [])
    closing = [window]
    try:
        window.size(width, 800)
        window.move(width // 2, 400)
        time.sleep(1.5)
        # It locks by itself, and nothing keeps what opens it.
        sheet.take(window, "locks after 5 minutes: asked at the start")
        window.key("Escape")
        time.sleep(0.4)
        sheet.take(window, "put off")
        for nick in (words["guest"], "Ян", "devin"):
            guests.append(Member(profile, nick, member))
        closing += guests
        guests[0].do({"do": "make_room", "server": 1, "name": words["room"]})
        guests[0].room(words["room"])
        first = guests[0].say("https://example.org/ · " + words["answer"])
        for guest in guests:
            guest.do({"do": "react", "server": 1, "message": first, "emoji": "👍"})
        guests[1].say(member)
        time.sleep(0.8)
        sheet.take(window, "a circle of its own")
        if not is_narrow:
            window.move(500, 700)
            sheet.take(window, "quick reactions")
        write(window, width, member)
        window.key("Return")
        sheet.take(window, "an invitation is not sent unasked")
        window.key("Escape", "ctrl+a", "BackSpace")
        write(window, width, member[:-3])
        window.key("Return")
        sheet.take(window, "a damaged one")
        window.key("Escape", "ctrl+a", "BackSpace")
        write(window, width, "ой")
        window.key("Return")
        time.sleep(0.5)
        window.click(500 if not is_narrow else 200, 690, button=3)
        sheet.take(window, "a message's menu")
        window.key("Up", "Return")
        time.sleep(0.4)
        sheet.take(window, "deleting asks")
        window.key("Tab", "Return")
        time.sleep(0.5)
        sheet.take(window, "and can be undone")
        window.key("Escape", "Escape")
        window.key("ctrl+i")
        time.sleep(0.8)
        sheet.take(window, "the invitation")
        window.key("Escape")
        window.key("ctrl+shift+l")
        sheet.take(window, "clearing a room")
        window.key("Escape")
        window.key("ctrl+shift+k")
        time.sleep(0.5)
        sheet.take(window, "the code")
        window.key("Escape")
        window.key("ctrl+k")
        window.type(words["typed"])
        sheet.take(window, "found in the other layout" if language == "ru" else "found")
        window.key("Escape")
        found(window, {"ru": "Профиль", "en": "Profile"}[language])
        sheet.take(window, "the profile")
        window.key("Escape")
        found(window, {"ru": "Уведомления", "en": "Notifications"}[language])
        sheet.take(window, "by the size of the circle")
        window.key("Escape")
        found(window, {"ru": "Приватность", "en": "Privacy"}[language])
        sheet.take(window, "privacy")
        window.key("Escape")
        if not is_narrow:
            window.click(36, 66, button=3)
            sheet.take(window, "a server's menu")
            window.key("Escape")
            window.click(1180, 214, button=3)
            sheet.take(window, "a member's menu")
            window.key("Up", "Return")
            time.sleep(0.4)
            sheet.take(window, "removing asks")
            window.key("Escape")
        else:
            window.key("Escape")
            window.click(26, 68)
            sheet.take(window, "rooms and servers")
            window.key("Escape")
    finally:
        for thing in reversed(closing):
            thing.close()
        display.close()
    sheet.write()


def write(window, width, text):
    """Pastes a text into the field for messages."""
    window.click(width // 2 if width < 720 else 620, 762)
    window.copy(text)
    window.key("ctrl+v")
    time.sleep(0.3)


def found(window, name):
    window.key("ctrl+k")
    window.type(name)
    window.key("Return")
    time.sleep(0.5)


with workplace() as place:
    place = pathlib.Path(place)
    if not options.what or "film" in options.what:
        for language in WORDS:
            film(language, place)
    if not options.what or "sheets" in options.what:
        server = Server(profile, place, "127.0.0.1:7549")
        try:
            for language in WORDS:
                for theme in ("dark", "light"):
                    for width in (1280, 420):
                        sheet_of(language, theme, width, place, server)
        finally:
            server.close()
