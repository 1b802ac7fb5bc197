"""Plays with a real server and real terminal clients.

    SHEPOT_SERVER=… SHEPOT_TUI=… python -m tests.against_server

Ends with 0 when all went well. Every wait is for a condition.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from shepot.events import (
    CircleNamed,
    Connected,
    Disconnected,
    Ended,
    EpochBegan,
    PeopleChanged,
    RoomsChanged,
    TextReceived,
    Warned,
)
from tests.programs import Failed, Python, Server, Terminal, binary

# So few that an absent client misses some of them soon.
LOG_ENTRIES = 40
MORE_THAN_THE_LOG = 60
# What terminal clients tell when nothing is wrong.
HARMLESS = {
    "away",
    "back",
    "circle_named",
    "entered",
    "evicted",
    "joined",
    "left",
    "relay_restarted",
    "returned",
    "room_made",
}


def _no_warnings(python: Python) -> None:
    warnings = [event for event in python.seen.events if isinstance(event, Warned)]
    if warnings:
        raise Failed(f"{python.seen.who} warned: {warnings}")


def _nobody_complains(*terminals: Terminal) -> None:
    """The terminal clients found nothing wrong with what this client sent."""
    for terminal in terminals:
        for event in terminal.seen.events:
            if event.get("event") == "system_event" and event["what"] not in HARMLESS:
                raise Failed(f"{terminal.nick} complains: {event}")


async def founds_an_open_circle(server: Server, tui: str) -> None:
    """This client founds the circle of an open server; two terminal clients join by the address, and all talk."""
    python = Python("Питон", server.address)
    anna, boris = Terminal(tui, "Анна"), Terminal(tui, "Борис")
    try:
        await python.tells(Connected, lambda event: event.how == "founded")
        room = await python.client.make_room("Веранда")
        await anna.start(server.address)
        await anna.seen.until("the room", lambda event: "Веранда" in str(event.get("rooms")))
        await boris.start(server.address)
        await python.client.say("Всем привет", room)
        await anna.hears("Всем привет", "Питон")
        await boris.hears("Всем привет", "Питон")
        boris.do("send", room="0000000000000000", body="И тебе")
        await python.tells(TextReceived, lambda event: (event.nick, event.body) == ("Борис", "И тебе"))
        # This client is the first who is here: it removes who left.
        await boris.leave()
        await python.tells(PeopleChanged, lambda event: set(event.people) == {"Анна", "Питон"})
        await anna.sees_people("Анна", "Питон")
        await _is_a_crowd(server, python, anna)
        await _survives_a_restart(server, python, anna)
        await python.client.leave()
        await python.ends()
        await anna.sees_people("Анна")
        _no_warnings(python)
        _nobody_complains(anna, boris)
    finally:
        await asyncio.gather(anna.leave(), boris.leave(), python.stop())


async def _is_a_crowd(server: Server, python: Python, anna: Terminal) -> None:
    """More of this client's kind come, some of them go, and all agree on the group."""
    guests: list[Python] = []
    try:
        for name in ("Гость 1", "Гость 2", "Гость 3", "Гость 4", "Гость 5"):
            guests.append(Python(name, server.address))
            await guests[-1].tells(Connected, lambda event: event.how == "joined")
        for guest in (guests[1], guests[2]):
            await guest.client.leave()
            await guest.ends()
        left = {"Анна", "Питон", "Гость 1", "Гость 4", "Гость 5"}
        await anna.sees_people(*left)
        stayed = [python, guests[0], guests[3], guests[4]]
        for each in stayed:
            await each.tells(PeopleChanged, lambda event: set(event.people) == left)
        anna.do("send", room="0000000000000000", body="Сколько вас!")
        for each in stayed:
            await each.tells(TextReceived, lambda event: event.body == "Сколько вас!")
        codes = {each.client.safety_code for each in stayed}
        if codes != {await anna.safety_code()}:
            raise Failed("the safety codes differ")
        for guest in (guests[0], guests[3], guests[4]):
            await guest.client.leave()
            await guest.ends()
        await python.tells(PeopleChanged, lambda event: set(event.people) == {"Анна", "Питон"})
        for guest in guests:
            _no_warnings(guest)
    finally:
        await asyncio.gather(*(guest.stop() for guest in guests))


async def _survives_a_restart(server: Server, python: Python, anna: Terminal) -> None:
    """The server forgets all; the members take the circle up again in a new log."""
    await server.stop()
    await python.tells(Disconnected)
    await python.client.say("Сказано вслепую")
    await server.start()
    await python.tells(Connected, lambda event: event.how == "returned")
    await anna.hears("Сказано вслепую", "Питон")
    anna.do("send", room="0000000000000000", body="Слышу")
    await python.tells(TextReceived, lambda event: event.body == "Слышу")


async def talks_in_a_circle_with_an_owner(server: Server, tui: str) -> None:
    """This client joins by a link the circle of two terminal clients, one of them the owner's."""
    link, owner_link = await server.invite("--owner")
    anna, boris = Terminal(tui, "Анна"), Terminal(tui, "Борис")
    await anna.start(owner_link)
    anna.do("make_room", name="Кухня")
    made = await anna.seen.until("the room", lambda event: event.get("what") == "room_made")
    await boris.start(link)
    python = Python("Питон", link)
    try:
        await _talks(python, anna, boris, made["room"])
        await _follows_commits(python, anna, boris, tui, link)
        await _returns(python, anna, made["room"], tui, link)
        await _joins_again_after_a_gap(python, anna)
        await _follows_an_eviction(python, anna, tui, link)
        _no_warnings(python)
        _nobody_complains(anna)
        await _is_evicted(python, anna)
    finally:
        await asyncio.gather(anna.leave(), boris.leave(), python.stop())


async def tells_a_newcomer(server: Server, tui: str) -> None:
    """Alone in the circle, this client lets somebody in and tells the rooms and what the owner said."""
    link, owner_link = await server.invite("--owner")
    anna, boris = Terminal(tui, "Анна"), Terminal(tui, "Борис")
    await anna.start(owner_link)
    python = Python("Питон", link)
    try:
        await python.tells(Connected)
        anna.do("describe_circle", name="Маяк")
        await python.tells(CircleNamed, lambda event: event.name == "Маяк")
        anna.do("make_room", name="Погреб")
        await python.tells(RoomsChanged, lambda event: "Погреб" in event.rooms.values())
        await anna.leave()
        await python.tells(PeopleChanged, lambda event: set(event.people) == {"Питон"})
        await boris.start(link)
        await boris.seen.until("the room", lambda event: "Погреб" in str(event.get("rooms")))
        if not any(event.get("name") == "Маяк" for event in boris.seen.events):
            raise Failed("Борис was not told what the circle is called")
        await python.client.leave()
        await python.ends()
        _no_warnings(python)
        _nobody_complains(anna, boris)
    finally:
        await asyncio.gather(anna.leave(), boris.leave(), python.stop())


async def _talks(python: Python, anna: Terminal, boris: Terminal, room: str) -> None:
    await python.tells(Connected, lambda event: event.how == "joined")
    number = int(room, 16)
    rooms = [event for event in python.seen.events if isinstance(event, RoomsChanged)]
    if rooms[-1].rooms.get(number) != "Кухня":
        raise Failed(f"the room is not known: {rooms}")
    anna.do("send", room=room, body="Чай готов")
    heard = await python.tells(TextReceived, lambda event: event.body == "Чай готов")
    if (heard.nick, heard.room_name) != ("Анна", "Кухня"):
        raise Failed(f"heard something else: {heard}")
    boris.do("send", room="0000000000000000", body="Иду")
    await python.tells(TextReceived, lambda event: (event.nick, event.body) == ("Борис", "Иду"))
    await python.client.say("И я иду", number)
    for terminal in (anna, boris):
        message = await terminal.hears("И я иду", "Питон")
        if message["room"] != room:
            raise Failed(f"{terminal.nick} shows it elsewhere: {message}")


async def _follows_commits(python: Python, anna: Terminal, boris: Terminal, tui: str, link: str) -> None:
    """Somebody leaves, somebody comes."""
    await boris.leave()
    await python.tells(PeopleChanged, lambda event: set(event.people) == {"Анна", "Питон"})
    vera = Terminal(tui, "Вера")
    await vera.start(link)
    await python.tells(PeopleChanged, lambda event: set(event.people) == {"Анна", "Питон", "Вера"})
    vera.do("send", room="0000000000000000", body="Я тут")
    await python.tells(TextReceived, lambda event: (event.nick, event.body) == ("Вера", "Я тут"))
    await python.client.say("Привет, Вера")
    await vera.hears("Привет, Вера", "Питон")
    await vera.leave()
    await python.tells(PeopleChanged, lambda event: set(event.people) == {"Анна", "Питон"})
    _nobody_complains(boris, vera)


async def _returns(python: Python, anna: Terminal, room: str, tui: str, link: str) -> None:
    """The connection is lost while others talk and commit; the log is read on."""
    anna.seen.skip()
    python.client.go_offline()
    await anna.seen.until("Питон being away", lambda event: event.get("what") == "away")
    grigory = Terminal(tui, "Гриша")
    await grigory.start(link)
    anna.do("send", room=room, body="Где Питон?")
    await grigory.hears("Где Питон?", "Анна")
    await python.client.say("Сказано без связи")
    python.seen.skip()
    python.client.go_online()
    await python.tells(PeopleChanged, lambda event: set(event.people) == {"Анна", "Питон", "Гриша"})
    await python.tells(TextReceived, lambda event: event.body == "Где Питон?")
    await python.tells(Connected, lambda event: event.how == "returned")
    await anna.hears("Сказано без связи", "Питон")
    await grigory.hears("Сказано без связи", "Питон")
    # Fresh keys: by this client's commit or another's.
    await python.tells(EpochBegan)
    await grigory.leave()
    await python.tells(PeopleChanged, lambda event: set(event.people) == {"Анна", "Питон"})
    _nobody_complains(grigory)


async def _joins_again_after_a_gap(python: Python, anna: Terminal) -> None:
    """So much is said meanwhile that entries fell off the log."""
    anna.seen.skip()
    python.client.go_offline()
    await anna.seen.until("Питон being away", lambda event: event.get("what") == "away")
    anna.do("make_room", name="Чердак")
    for count in range(MORE_THAN_THE_LOG):
        anna.do("send", room="0000000000000000", body=f"Сообщение {count}")
        await anna.has_sent(f"Сообщение {count}")
    await python.client.say("Долго не было связи")
    python.seen.skip()
    python.client.go_online()
    await python.tells(RoomsChanged, lambda event: "Чердак" in event.rooms.values())
    await python.tells(Connected, lambda event: event.how == "resynced")
    await anna.hears("Долго не было связи", "Питон")
    anna.do("send", room="0000000000000000", body="С возвращением")
    await python.tells(TextReceived, lambda event: event.body == "С возвращением")


async def _follows_an_eviction(python: Python, anna: Terminal, tui: str, link: str) -> None:
    """The owner removes somebody: a new generation."""
    danila = Terminal(tui, "Данила")
    await danila.start(link)
    await anna.sees_people("Анна", "Питон", "Данила")
    await python.tells(PeopleChanged, lambda event: "Данила" in event.people)
    anna.do("evict", person=anna.key_of("Данила"))
    await python.tells(EpochBegan, lambda event: event.generation == 1)
    await python.tells(PeopleChanged, lambda event: set(event.people) == {"Анна", "Питон"})
    await python.client.say("Теперь нас двое")
    await anna.hears("Теперь нас двое", "Питон")
    anna.do("send", room="0000000000000000", body="Да")
    await python.tells(TextReceived, lambda event: event.body == "Да")
    await danila.leave()
    # The new generation's name and succession open the way back, too.
    python.client.go_offline()
    python.client.go_online()
    await python.tells(Connected, lambda event: event.how == "returned")


async def _is_evicted(python: Python, anna: Terminal) -> None:
    anna.do("evict", person=anna.key_of("Питон"))
    await python.tells(Ended, lambda event: event.reason == "removed by the owner")
    await python.ends()


async def main() -> None:
    """All plays, one after another."""
    program, tui = binary("SHEPOT_SERVER"), binary("SHEPOT_TUI")
    plays: list[tuple[Callable[[Server, str], Awaitable[None]], bool]] = [
        (founds_an_open_circle, True),
        (talks_in_a_circle_with_an_owner, False),
        (tells_a_newcomer, False),
    ]
    for play, is_open in plays:
        began = time.monotonic()
        server = Server(program, LOG_ENTRIES, is_open)
        try:
            await server.start()
            await play(server, tui)
        finally:
            await server.stop()
            server.clean_up()
        print(f"{play.__name__}: right, {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    asyncio.run(main())
