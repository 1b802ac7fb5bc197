"""Drives the real window under Xvfb, against a real server and real scripted members.

Used by screenshots.py, first_days.py and measure_window.py. Needs: xvfb, xdotool, imagemagick, xclip.
"""

import ctypes
import json
import mmap
import os
import pathlib
import queue
import shutil
import struct
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATIENCE = 60


def binary(name, profile):
    return ROOT / "target" / profile / name


class Display:
    """A screen of its own. `framebuffer`: the folder for its pixels, where they are looked at (`Pixels`)."""

    def __init__(self, width=1280, height=800, framebuffer=None):
        self.framebuffer = framebuffer
        read, write = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-noreset",
             *(["-fbdir", str(framebuffer)] if framebuffer else [])],
            pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as pipe:
            self.name = ":" + pipe.readline().strip()

    def close(self):
        self.process.terminate()
        self.process.wait()


class Pixels:
    """What stands on a screen, read where the X server writes it: four bytes a pixel."""

    def __init__(self, display):
        self.file = open(pathlib.Path(display.framebuffer) / "Xvfb_screen0", "r+b")
        self.bytes = mmap.mmap(self.file.fileno(), 0)
        # XWDFile.h: the header's size, bytes of a line, colours, each of 12 bytes.
        header = struct.unpack(">25I", self.bytes[:100])
        self.offset, self.line = header[0] + header[19] * 12, header[12]

    def at(self, x, y, width=1):
        """Pixels of one line."""
        begin = self.offset + self.line * y + 4 * x
        return self.bytes[begin:begin + 4 * width]

    def close(self):
        self.bytes.close()
        self.file.close()


class Keyboard:
    """Keys that are pressed without another process, so that it can be measured what becomes of them (XTEST)."""

    def __init__(self, display):
        self.x, self.test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self.x.XOpenDisplay.restype = ctypes.c_void_p
        self.display = ctypes.c_void_p(self.x.XOpenDisplay(display.name.encode()))

    def press(self, letter):
        code = self.x.XKeysymToKeycode(self.display, ctypes.c_ulong(ord(letter)))
        for is_down in (1, 0):
            self.test.XTestFakeKeyEvent(self.display, code, is_down, ctypes.c_ulong(0))
        self.x.XFlush(self.display)

    def close(self):
        self.x.XCloseDisplay(self.display)


class Server:
    """The real `shepot-server`."""

    def __init__(self, profile, folder, address, limits=()):
        self.profile, self.folder, self.address = profile, pathlib.Path(folder), address
        self.limits = [part for limit in limits for part in ("--limit", limit)]
        self.process = None
        self.start()
        self.invitation = self.another_invitation()

    def arguments(self):
        return ["--listen", self.address, "--language", "en", *self.limits,
                "--state-dir", str(self.folder / "state"), "--log-dir", str(self.folder / "logs")]

    def start(self):
        self.process = subprocess.Popen([binary("shepot-server", self.profile), *self.arguments()],
                                        stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            # The last that it says before it waits.
            if "shepot-server invite" in line:
                threading.Thread(target=lambda out=self.process.stdout: [None for _ in out], daemon=True).start()
                return
        raise RuntimeError("the server does not run")

    def another_invitation(self):
        out = subprocess.run([binary("shepot-server", self.profile), "invite", *self.arguments()],
                             capture_output=True, text=True, check=True).stdout
        return next(line for line in out.splitlines() if line.startswith("shepot://"))

    def kill(self):
        self.process.kill()
        self.process.wait()

    close = kill


class Member:
    """A person: `shepot-tui --json`."""

    def __init__(self, profile, nick, invitation=None):
        self.process = subprocess.Popen(
            [binary("shepot-tui", profile), "--json", "--nick", nick],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.events, self.log = queue.Queue(), []
        threading.Thread(target=self.read, daemon=True).start()
        if invitation:
            self.do({"do": "add", "entry": invitation, "connect": True})
            self.wait(lambda event: event.get("what") == "entered")

    def read(self):
        for line in self.process.stdout:
            self.events.put(json.loads(line))

    def do(self, command):
        self.process.stdin.write(json.dumps(command, ensure_ascii=False) + "\n")
        self.process.stdin.flush()

    def wait(self, wanted):
        for event in self.log:
            if wanted(event):
                return event
        end = time.monotonic() + PATIENCE
        while True:
            event = self.events.get(timeout=max(0.01, end - time.monotonic()))
            self.log.append(event)
            if wanted(event):
                return event

    def say(self, body, room="0" * 16, reply_to=None, mentions=()):
        """Says something and waits until it has its place. Gives the message's name."""
        self.do({"do": "send", "server": 1, "body": body, "room": room, "reply_to": reply_to,
                 "mentions": list(mentions)})
        sent = self.wait(lambda event: event.get("event") in ("message", "changed")
                         and event["message"]["body"] == body and event["message"]["delivery"] == "sent")
        return sent["message"]["id"]

    def sees(self, body):
        return self.wait(lambda event: event.get("event") == "message" and event["message"]["body"] == body)

    def room(self, name):
        """The number of a room."""
        event = self.wait(lambda event: event.get("event") == "rooms"
                          and any(room["name"] == name for room in event["rooms"]))
        return next(room["id"] for room in event["rooms"] if room["name"] == name)

    def key_of(self, nick):
        event = self.wait(lambda event: event.get("event") == "people"
                          and any(person["nick"] == nick for person in event["people"]))
        return next(person["key"] for person in event["people"] if person["nick"] == nick)

    def close(self):
        self.process.kill()
        self.process.wait()


class Window:
    """The real window, by keyboard and mouse."""

    def __init__(self, profile, display, folder, preferences=None, arguments=(), environment=None):
        self.display, self.folder = display, pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        if preferences is not None:
            (self.folder / "preferences.json").write_text(json.dumps(preferences, ensure_ascii=False))
        self.environment = {**os.environ, "DISPLAY": display.name, "NO_AT_BRIDGE": "1", **(environment or {})}
        self.environment.pop("WAYLAND_DISPLAY", None)
        self.process = subprocess.Popen(
            [binary("shepot", profile), "--config-dir", self.folder, "--log-dir", self.folder / "logs", *arguments],
            env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.id = None
        end = time.monotonic() + PATIENCE
        while not self.id:
            found = self.tool("search", "--onlyvisible", "--pid", str(self.process.pid), check=False).split()
            found = found or self.tool("search", "--onlyvisible", "--class", "shepot", check=False).split()
            self.id = found[0] if found else None
            if time.monotonic() > end:
                raise RuntimeError("no window")
            time.sleep(0.05)
        self.focus()

    def tool(self, *arguments, check=True):
        done = subprocess.run(["xdotool", *arguments], env=self.environment, capture_output=True, text=True)
        if check and done.returncode:
            raise RuntimeError(f"xdotool {arguments}: {done.stderr}")
        return done.stdout.strip()

    def focus(self):
        self.tool("windowfocus", "--sync", self.id)

    def click(self, x, y, button=1):
        self.move(x, y)
        self.tool("click", str(button))
        time.sleep(0.25)

    def move(self, x, y):
        self.tool("mousemove", "--window", self.id, str(x), str(y))
        time.sleep(0.12)

    def drag(self, x, y, to_x, to_y):
        self.move(x, y)
        self.tool("mousedown", "1")
        self.move((x + to_x) // 2, (y + to_y) // 2)
        self.move(to_x, to_y)
        self.tool("mouseup", "1")
        time.sleep(0.2)

    def layout(self, name):
        """The keyboard's layout: letters are typed by the keys on which they stand."""
        subprocess.run(["setxkbmap", name], env=self.environment, check=True)
        time.sleep(0.15)

    def type(self, text):
        """Types with the layout in which each part of the text can be typed."""
        parts, russian = [], None
        for letter in text:
            is_russian = "а" <= letter.lower() <= "я" or letter.lower() == "ё"
            is_latin = letter.isascii() and (letter.isalpha() or letter in "@#$^&[]{}<>'`~|/")
            wanted = True if is_russian else False if is_latin else russian
            if not parts or wanted != russian:
                parts.append("")
                russian = wanted
            parts[-1] += letter
        for part in parts:
            self.layout("ru" if any("а" <= letter.lower() <= "я" or letter.lower() == "ё" for letter in part) else "us")
            self.tool("type", "--delay", "12", part)
        self.layout("us")
        time.sleep(0.2)

    def key(self, *keys):
        for key in keys:
            self.tool("key", key)
            time.sleep(0.15)

    def size(self, width, height):
        self.tool("windowsize", "--sync", self.id, str(width), str(height))
        time.sleep(0.6)

    def clipboard(self):
        return subprocess.run(["xclip", "-selection", "clipboard", "-o"], env=self.environment,
                              capture_output=True, text=True).stdout

    def copy(self, text):
        subprocess.run(["xclip", "-selection", "clipboard"], env=self.environment, input=text, text=True, check=True)

    def picture(self, path):
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["import", "-window", self.id, "-define", "png:compression-level=9", "-strip", str(path)],
                       env=self.environment, check=True)

    def quit(self):
        """As a person would: the others are told."""
        self.key("ctrl+q")
        time.sleep(0.3)
        self.key("Tab", "Return")
        self.process.wait(timeout=PATIENCE)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def workplace():
    """A folder that goes with the script."""
    return tempfile.TemporaryDirectory(prefix="shepot-window-")


def needs(*tools):
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        raise SystemExit(f"missing: {', '.join(missing)} (xvfb, xdotool, imagemagick, xclip)")
