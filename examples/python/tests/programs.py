"""The programs that the test starts, and waiting for what they tell."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from shepot import Client
from shepot.events import Event
from shepot.invitation import Invitation
from shepot.safety import CODE_SIZE

WAIT_S = 25.0
SOME_PORTS = (20_000, 60_000)

Kind = TypeVar("Kind")
JsonEvent = dict[str, Any]


class Failed(AssertionError):
    """Something that should have happened did not."""


class Seen:
    """Events in order, and waiting for one; each wait goes on behind what the one before found."""

    def __init__(self, who: str) -> None:
        self.who = who
        self.events: list[Any] = []
        self._changed = asyncio.Event()
        self._mark = 0

    def add(self, event: Any) -> None:
        """An event came."""
        self.events.append(event)
        self._changed.set()

    def skip(self) -> None:
        """Waits from now on are for what comes later."""
        self._mark = len(self.events)

    async def until(self, what: str, is_it: Callable[[Any], bool]) -> Any:
        """The next event that is it."""
        deadline = asyncio.get_running_loop().time() + WAIT_S
        while True:
            while self._mark < len(self.events):
                self._mark += 1
                if is_it(self.events[self._mark - 1]):
                    return self.events[self._mark - 1]
            self._changed.clear()
            left = deadline - asyncio.get_running_loop().time()
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError as error:
                last = "\n  ".join(str(event)[:300] for event in self.events[-12:])
                raise Failed(f"{self.who} waited for {what}; last came\n  {last}") from error


def environment() -> dict[str, str]:
    """This program's environment without what the server would take for its settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SHEPOT_")}


class Server:
    """A server of its own in a temporary folder."""

    def __init__(self, binary: str, log_entries: int, is_open: bool) -> None:
        self._binary = binary
        self._door = ["--open"] if is_open else []
        self._limit = f"log_entries={log_entries}"
        self._folder = tempfile.TemporaryDirectory()
        self._process: asyncio.subprocess.Process | None = None
        self.address = f"127.0.0.1:{random.randrange(*SOME_PORTS)}"

    async def start(self) -> None:
        """Starts it and waits until it listens."""
        self._process = await asyncio.create_subprocess_exec(
            self._binary,
            "run",
            *self._door,
            *("--listen", self.address, "--state-dir", self._folder.name),
            *("--limit", self._limit, "--language", "en"),
            stdout=asyncio.subprocess.PIPE,
            env=environment(),
        )
        stdout = self._process.stdout
        while stdout is not None and b"Listening" not in (line := await stdout.readline()):
            if not line:
                raise Failed("the server did not start")

    async def invite(self, *options: str) -> list[str]:
        """Links of a new circle."""
        process = await asyncio.create_subprocess_exec(
            self._binary,
            "invite",
            *("--state-dir", self._folder.name, "--public-address", self.address, "--language", "en"),
            *options,
            stdout=asyncio.subprocess.PIPE,
            env=environment(),
        )
        output, _ = await process.communicate()
        return re.findall(r"shepot://\S+", output.decode())

    async def stop(self) -> None:
        """Ends it."""
        if self._process is not None:
            self._process.terminate()
            await self._process.wait()

    def clean_up(self) -> None:
        """Removes its folder."""
        self._folder.cleanup()


class Terminal:
    """A terminal client in its mode for programs: one JSON object per line."""

    def __init__(self, binary: str, nick: str) -> None:
        self._binary = binary
        self.nick = nick
        self.seen = Seen(nick)
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self, where: str) -> None:
        """Goes into a circle by an address or a link and waits until it is in."""
        way = ["--address", where]
        if where.startswith("shepot://"):
            with tempfile.NamedTemporaryFile("w", suffix=".link", delete=False) as link:
                link.write(where + "\n")
            way = ["--invitation-file", link.name]
        self._process = await asyncio.create_subprocess_exec(
            self._binary,
            *("--json", "--nick", self.nick, "--language", "en"),
            *way,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment(),
        )
        self._reading = asyncio.create_task(self._read(self._process))
        await self.seen.until("being in", lambda event: event.get("what") == "entered")
        if len(way) == 2 and way[0] == "--invitation-file":
            Path(way[1]).unlink()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        while process.stdout is not None and (line := await process.stdout.readline()):
            self.seen.add(json.loads(line))

    def do(self, command: str, **fields: Any) -> None:
        """Gives a command."""
        if self._process is None or self._process.stdin is None:
            raise Failed("the terminal client does not run")
        line = json.dumps({"do": command, "server": 1, **fields}, ensure_ascii=False)
        self._process.stdin.write(line.encode() + b"\n")

    async def hears(self, body: str, nick: str) -> JsonEvent:
        """Waits for a text."""

        def is_it(event: JsonEvent) -> bool:
            message = event.get("message")
            return (
                event.get("event") == "message"
                and isinstance(message, dict)
                and (message["body"], message["nick"]) == (body, nick)
            )

        event: JsonEvent = await self.seen.until(f"the text “{body}”", is_it)
        return event["message"]  # type: ignore[no-any-return]

    async def has_sent(self, body: str) -> None:
        """Waits until an own text stands in the log."""

        def is_it(event: JsonEvent) -> bool:
            message = event.get("message")
            return isinstance(message, dict) and (message["body"], message["delivery"]) == (body, "sent")

        await self.seen.until(f"“{body}” being in the log", is_it)

    async def sees_people(self, *nicks: str) -> None:
        """Waits until exactly these are in the circle."""

        def is_it(event: JsonEvent) -> bool:
            people = event.get("people")
            return isinstance(people, list) and {person["nick"] for person in people} == set(nicks)

        await self.seen.until(f"the people {nicks}", is_it)

    async def safety_code(self) -> bytes:
        """The group's safety code."""
        self.do("safety_code")
        event = await self.seen.until("the safety code", lambda event: event.get("event") == "safety_code")
        value = 0
        for symbol in event["symbols"]:
            value = value << 6 | symbol
        return value.to_bytes(CODE_SIZE, "big")

    def key_of(self, nick: str) -> str:
        """The signature key of somebody, by what was told last."""
        people = [event["people"] for event in self.seen.events if event.get("event") == "people"]
        key: str = next(person["key"] for person in people[-1] if person["nick"] == nick)
        return key

    async def leave(self) -> None:
        """Goes out of the circle and ends."""
        if self._process is None or self._process.stdin is None:
            return
        self.do("disconnect")
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), WAIT_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


class Python:
    """This client, with its events kept."""

    def __init__(self, nick: str, where: str) -> None:
        self.client = Client(Invitation.parse(where), nick)
        self.seen = Seen(nick)
        self._running = asyncio.create_task(self.client.run())
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while True:
            self.seen.add(await self.client.events.get())

    async def tells(self, kind: type[Kind], is_it: Callable[[Kind], bool] = lambda _: True) -> Kind:
        """Waits for an event of a kind."""

        def is_this(event: Event) -> bool:
            return isinstance(event, kind) and is_it(event)

        event: Kind = await self.seen.until(kind.__name__, is_this)
        return event

    async def ends(self) -> None:
        """Waits for the end of the session."""
        await asyncio.wait_for(self._running, WAIT_S)
        self._reading.cancel()

    async def stop(self) -> None:
        """Gives up whatever it does."""
        self._running.cancel()
        self._reading.cancel()
        await asyncio.gather(self._running, self._reading, return_exceptions=True)


def binary(variable: str) -> str:
    """The path of a program, from the environment."""
    path = os.environ.get(variable, "")
    if not os.access(path, os.X_OK):
        raise SystemExit(f"set {variable} to the program's path")
    return path
