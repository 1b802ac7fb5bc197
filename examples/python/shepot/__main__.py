"""A chat in plain lines: `python -m shepot --nick NICK [--address HOST:PORT]`.

Without an address the first line of standard input is the invitation: what opens a circle is no program argument
(PROTOCOL.md, 3.2).
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import unicodedata

from .client import Client
from .events import CircleNamed, Connected, Disconnected, Ended, PeopleChanged, RoomsChanged, TextReceived, Warned
from .invitation import Invitation
from .safety import as_number
from .state import MAIN_ROOM

HELP = "A line is said in the main room. /room NUMBER TEXT, /make NAME, /code, /quit"


def clean(text: str) -> str:
    """A text without control and format characters, which could deceive at a terminal (12.3)."""
    return "".join(character for character in text if unicodedata.category(character)[0] != "C")


async def show(client: Client) -> None:
    """Prints what happens."""
    while True:
        match await client.events.get():
            case TextReceived() as text:
                room = f"[{clean(text.room_name)}] " if text.room != MAIN_ROOM else ""
                print(f"{room}{clean(text.nick)}: {clean(text.body)}")
            case PeopleChanged(people):
                print("* here:", ", ".join(clean(nick) for nick, is_here in people.items() if is_here))
            case RoomsChanged(rooms):
                print("* rooms:", ", ".join(f"{number} {clean(name)}" for number, name in rooms.items() if number))
            case CircleNamed(name, owner):
                print(f"* the circle is called {clean(name)}, its owner {clean(owner)}")
            case Connected(how, epoch):
                print(f"* {how}, epoch {epoch}. {HELP}")
            case Disconnected(reason) | Ended(reason) | Warned(reason):
                print(f"* {clean(reason)}")


async def obey(client: Client, line: str) -> None:
    """Does what a line says."""
    command, _, rest = line.partition(" ")
    number, _, text = rest.partition(" ")
    if command == "/quit":
        await client.leave()
    elif command == "/make":
        await client.make_room(rest)
    elif command == "/code":
        print(f"* safety code: {as_number(client.safety_code)}")
    elif command == "/room" and number.isdigit():
        await client.say(text, int(number))
    else:
        await client.say(line)


async def standard_input() -> asyncio.StreamReader:
    """Standard input, without a thread that would wait at the end."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def read(client: Client, lines: asyncio.StreamReader) -> None:
    """Reads lines until there are no more."""
    while line := (await lines.readline()).decode(errors="replace"):
        try:
            if line.strip():
                await obey(client, line.strip())
        except ValueError as error:
            print(f"* {error}")
    await client.leave()


async def main() -> None:
    """Takes part until the session ends."""
    parser = argparse.ArgumentParser(prog="python -m shepot")
    parser.add_argument("--nick", required=True)
    parser.add_argument("--address", help="of an open server; without it an invitation is read from standard input")
    arguments = parser.parse_args()
    lines = await standard_input()
    where = arguments.address or (await lines.readline()).decode()
    client = Client(Invitation.parse(where), arguments.nick)
    others = [asyncio.create_task(show(client)), asyncio.create_task(read(client, lines))]
    await client.run()
    await asyncio.sleep(0)
    for task in others:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
