#!/usr/bin/env python3
"""Measures the real window under Xvfb with the software renderer: the figures in docs/PERFORMANCE.md.

    scripts/measure_window.py [--profile release|dist|debug] [--servers]

`--servers`: with 1,000 servers on the list, and with three beside it; nothing else.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import time

from window_driver import ROOT, Display, Keyboard, Member, Pixels, Server, Window, binary, needs, workplace

parser = argparse.ArgumentParser()
parser.add_argument("--profile", default="release", help="the folder below target: release, dist or debug")
parser.add_argument("--servers", action="store_true", help="measure long lists of servers alone")
options = parser.parse_args()
profile = options.profile
needs("Xvfb", "xdotool", "setxkbmap")
subprocess.run(["cargo", "build", "--profile", {"debug": "dev"}.get(profile, profile), "--locked", "-p", "shepot-desktop",
                "-p", "shepot-terminal", "-p", "shepot-server"], cwd=ROOT, check=True)


def memory(pid):
    """Resident memory, and the part that is not a file, in MiB."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return int(fields["VmRSS"].split()[0]) / 1024, int(fields["RssAnon"].split()[0]) / 1024


def processor(pid):
    """Seconds of a core so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def share(pid, seconds, meanwhile=None):
    """Percent of a core."""
    before, began = processor(pid), time.monotonic()
    if meanwhile:
        meanwhile(seconds)
    else:
        time.sleep(seconds)
    return 100 * (processor(pid) - before) / (time.monotonic() - began)


def first_frame(place):
    """Milliseconds from starting the process to the first pixels of the window."""
    folder = place / "framebuffer"
    folder.mkdir(exist_ok=True)
    screen = Display(framebuffer=folder)
    times, pixels = [], Pixels(screen)

    def seen():
        return all(pixels.at(x, y)[:3] != b"\0\0\0" for x, y in ((640, 20), (200, 400), (900, 400)))

    try:
        for number in range(9):
            while seen():
                time.sleep(0.01)
            began = time.monotonic()
            program = subprocess.Popen(
                [binary("shepot", profile), "--config-dir", place / f"start{number}", "--log-dir", place / "logs",
                 "--renderer", "software"],
                env={**os.environ, "DISPLAY": screen.name}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while not seen():
                time.sleep(0.001)
            times.append(1000 * (time.monotonic() - began))
            program.kill()
            program.wait()
            time.sleep(0.3)
    finally:
        pixels.close()
        screen.close()
    return times


def typing(display, pixels):
    """Milliseconds from a key that is pressed to the pixels of its letter, in the field where messages are written."""
    keyboard = Keyboard(display)

    def screen():
        return [pixels.at(0, y, 1280) for y in range(800)]

    def changed(before):
        return [y for y, line in enumerate(screen()) if line != before[y]]

    def settles():
        """Until nothing but the caret moves."""
        while True:
            before = screen()
            time.sleep(0.12)
            if len(changed(before)) < 40:
                return

    # The first letter changes the button beside it, too.
    keyboard.press("a")
    settles()
    before = screen()
    keyboard.press("b")
    time.sleep(0.3)
    rows = changed(before)
    # Where the caret stands and every small letter has something.
    y, times = rows[0] + (rows[-1] - rows[0]) * 6 // 10, []
    try:
        for number in range(60):
            settles()
            line = pixels.at(0, y, 1280)
            # Just after the caret came or went: it stays so for longer than this takes.
            end = time.monotonic() + 2
            while pixels.at(0, y, 1280) == line and time.monotonic() < end:
                time.sleep(0.0005)
            line = pixels.at(0, y, 1280)
            began = time.monotonic()
            keyboard.press("abcdefghij"[number % 10])
            while pixels.at(0, y, 1280) == line:
                if time.monotonic() - began > 2:
                    raise RuntimeError("a letter was never seen")
                time.sleep(0.0002)
            times.append(1000 * (time.monotonic() - began))
    finally:
        keyboard.close()
    return times


def told(what, times):
    print(f"{what}, ms: {min(times):.1f} best, {statistics.median(times):.1f} median, {max(times):.1f} worst of {len(times)}")


def with_servers(count, place):
    """What a list of so many servers costs, none of which is connected."""
    names = ("Маяк", "Книжный клуб", "Море", "Дом", "Дача", "Хор", "Lighthouse", "Rust evening")
    kept = {"servers": [{"name": f"{names[number % len(names)]} {number}", "entry": f"192.0.2.{number % 250}:{7443 + number}",
                         "connects_at_start": False} for number in range(count)],
            "profile": {"nick": "nika", "avatar": "letter"}, "language": "ru", "theme": "dark"}
    display = Display()
    began = time.monotonic()
    window = Window(profile, display, place / f"servers-{count}", kept, ["--renderer", "software"])
    pid = window.process.pid
    seen = 1000 * (time.monotonic() - began)
    time.sleep(3)
    total, own = memory(pid)
    print(f"{count} servers: window after {seen:.0f} ms, {1000 * processor(pid):.0f} ms of a core until it is idle; "
          f"resident {total:.1f} MiB (not from files: {own:.1f})")

    def costs(what, times, act):
        before = processor(pid)
        for _ in range(times):
            act()
        time.sleep(0.5)
        print(f"{count} servers: {what}, ms of a core: {1000 * (processor(pid) - before) / times:.0f}")

    def switcher():
        window.key("ctrl+k")
        window.type("хор 7")
        window.key("Escape")

    costs("Ctrl+K, five letters, Esc", 10, switcher)
    costs("the next server", 20, lambda: window.key("ctrl+Tab"))
    window.move(36, 400)
    costs("a notch of the rail", 40, lambda: window.tool("click", "5"))

    def list_of_servers():
        window.key("ctrl+n")
        time.sleep(0.3)
        window.key("Escape")

    costs("the list of servers, and back", 10, list_of_servers)

    def notifications():
        window.key("ctrl+comma")
        window.click(190, 254)
        window.key("Escape")

    costs("the settings of notifications, and back", 10, notifications)
    total, own = memory(pid)
    print(f"{count} servers: in the end resident {total:.1f} MiB (not from files: {own:.1f})")
    print(f"{count} servers: idle, % of a core: {share(pid, 10):.2f}")
    window.close()
    display.close()


if options.servers:
    with workplace() as place:
        for count in (3, 1000, 3, 1000):
            with_servers(count, pathlib.Path(place))
    raise SystemExit


with workplace() as place:
    place = pathlib.Path(place)
    told("first frame", first_frame(place))
    print(f"binary, MB: {binary('shepot', profile).stat().st_size / 1e6:.1f}")
    screen = place / "screen"
    screen.mkdir()
    display = Display(framebuffer=screen)
    pixels = Pixels(display)
    server = Server(profile, place, "127.0.0.1:7545")
    members = [Member(profile, f"member{number}", server.invitation) for number in range(8)]
    kept = {"servers": [{"name": "Маяк", "entry": server.invitation, "connects_at_start": True}],
            "profile": {"nick": "nika", "avatar": "letter"}, "language": "ru", "theme": "dark"}
    window = Window(profile, display, place / "window", kept, ["--renderer", "software"])
    pid = window.process.pid
    members[0].wait(lambda event: event.get("what") == "joined" and event.get("nick") == "nika")
    time.sleep(2)
    total, own = memory(pid)
    print(f"resident, MiB, in a circle of 9, nothing said: {total:.1f} (not from files: {own:.1f})")
    window.key("F6")
    told("a letter from key to pixel, nothing said", typing(display, pixels))
    said = 0

    def say(count, per_second):
        """Everybody says something in turn."""
        global said
        for number in range(count):
            members[number % len(members)].do({"do": "send", "server": 1,
                                               "body": f"{said}: обычное сообщение в пару строк, с **жирным**, `кодом` и ссылкой https://example.org/{said} 🙂"})
            said += 1
            time.sleep(1 / per_second)
        end = time.monotonic() + 60
        members[0].sees(f"{said - 1}: обычное сообщение в пару строк, с **жирным**, `кодом` и ссылкой https://example.org/{said - 1} 🙂")
        while time.monotonic() < end and share(pid, 0.5) > 3:
            pass

    say(500, 200)
    total, own = memory(pid)
    print(f"resident, MiB, 500 messages: {total:.1f} (not from files: {own:.1f})")
    print(f"idle, the caret blinking, % of a core: {share(pid, 20):.2f}")
    window.tool("windowfocus", window.tool("search", "--maxdepth", "0", ".*"))
    time.sleep(1)
    print(f"idle, another window in front, % of a core: {share(pid, 20):.2f}")
    window.focus()

    def ten_a_second(seconds):
        global said
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            members[said % len(members)].do({"do": "send", "server": 1, "body": f"{said}: обычное сообщение 🙂 с **жирным**"})
            said += 1
            time.sleep(0.1)

    print(f"10 messages a second, 500 before, % of a core: {share(pid, 20, ten_a_second):.1f}")
    say(9_300, 400)
    total, own = memory(pid)
    print(f"resident, MiB, 10,000 messages: {total:.1f} (not from files: {own:.1f})")
    told("a letter from key to pixel, 10,000 messages", typing(display, pixels))
    print(f"idle with 10,000 messages, the caret blinking, % of a core: {share(pid, 10):.2f}")
    print(f"10 messages a second, 10,000 before, % of a core: {share(pid, 20, ten_a_second):.1f}")
    before = processor(pid)
    for _ in range(40):
        window.tool("mousemove", "--window", window.id, "700", "400", "click", "4")
    time.sleep(1)
    print(f"scrolling by 40 notches through 10,000 messages, ms of a core each: {1000 * (processor(pid) - before) / 40:.1f}")
    window.close()
    for member in members:
        member.close()
    server.kill()
    pixels.close()
    display.close()
