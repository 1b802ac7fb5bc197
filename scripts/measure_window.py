#!/usr/bin/env python3
"""Measures the real window under Xvfb with the software renderer: the figures in docs/PERFORMANCE.md.

    scripts/measure_window.py [--profile release|dist|debug]
"""

import argparse
import mmap
import os
import pathlib
import statistics
import struct
import subprocess
import time

from window_driver import ROOT, Display, Member, Server, Window, binary, needs, workplace

parser = argparse.ArgumentParser()
parser.add_argument("--profile", default="release", help="the folder below target: release, dist or debug")
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
    read, write = os.pipe()
    screen = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-noreset",
                               "-fbdir", str(folder)], pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        name = ":" + pipe.readline().strip()
    times = []
    try:
        with open(folder / "Xvfb_screen0", "r+b") as file, mmap.mmap(file.fileno(), 0) as pixels:
            header = struct.unpack(">25I", pixels[:100])
            offset = header[0] + header[19] * 12
            line = header[12]
            spots = [offset + line * y + 4 * x for y, x in ((20, 640), (400, 200), (400, 900))]

            def seen():
                return all(pixels[spot:spot + 3] != b"\0\0\0" for spot in spots)

            for number in range(9):
                while seen():
                    time.sleep(0.01)
                began = time.monotonic()
                program = subprocess.Popen(
                    [binary("shepot", profile), "--config-dir", place / f"start{number}", "--log-dir", place / "logs",
                     "--renderer", "software"],
                    env={**os.environ, "DISPLAY": name}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                while not seen():
                    time.sleep(0.001)
                times.append(1000 * (time.monotonic() - began))
                program.kill()
                program.wait()
                time.sleep(0.3)
    finally:
        screen.terminate()
        screen.wait()
    return times


with workplace() as place:
    place = pathlib.Path(place)
    times = first_frame(place)
    print(f"first frame, ms: {min(times):.0f} best, {statistics.median(times):.0f} median, {max(times):.0f} worst of {len(times)}")
    print(f"binary, MB: {binary('shepot', profile).stat().st_size / 1e6:.1f}")
    display = Display()
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
    display.close()
