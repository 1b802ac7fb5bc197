#!/usr/bin/env python3
"""Takes the pictures in docs/screenshots: the real window under Xvfb, a real server, real scripted members.

    scripts/screenshots.py [--profile debug|release] [--out FOLDER] [NAME…]

With names, only the pictures whose name begins so are kept.
"""

import argparse
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from window_driver import ROOT, Display, Member, Server, Window, needs, workplace

parser = argparse.ArgumentParser()
parser.add_argument("--profile", default="debug")
parser.add_argument("--out", default=str(ROOT / "docs" / "screenshots"))
parser.add_argument("names", nargs="*")
options = parser.parse_args()
needs("Xvfb", "xdotool", "import", "xclip", "setxkbmap")
if options.profile == "release":
    subprocess.run(["cargo", "build", "--release", "--locked", "-p", "shepot-desktop", "-p", "shepot-terminal",
                    "-p", "shepot-server"], cwd=ROOT, check=True)
out = pathlib.Path(options.out)


def take(window, name):
    if not options.names or any(name.startswith(wanted) for wanted in options.names):
        time.sleep(0.3)
        window.picture(out / f"{name}.png")
        print(name, flush=True)


def preferences(language, theme, servers, **more):
    return {
        "servers": [{"name": name, "entry": entry, "connects_at_start": on, "about": None}
                    for name, entry, on in servers],
        "profile": {"nick": "nika", "avatar": "emoji", "emoji": "🦉", "picture": ""},
        "language": language, "theme": theme, **more,
    }


def hike(profile, invitation):
    """The people and the conversation of the dark pictures."""
    marina = Member(profile, "Марина", invitation)
    marina.do({"do": "make_room", "server": 1, "name": "поход"})
    room = marina.room("поход")
    marina.do({"do": "make_room", "server": 1, "name": "вечер-кино"})
    cinema = marina.room("вечер-кино")
    marina.do({"do": "make_room", "server": 1, "name": "book-club"})
    marina.room("book-club")
    marina.do({"do": "set_timer", "server": 1, "room": room, "seconds": 3600})
    tomas, fox = Member(profile, "Tomas", invitation), Member(profile, "лис_на_луне", invitation)
    return marina, tomas, fox, room, cinema


def reopen(profile, display, folder, kept, arguments=()):
    window = Window(profile, display, folder, kept, arguments)
    window.move(700, 500)
    time.sleep(2.5)
    return window


with workplace() as place:
    place = pathlib.Path(place)
    display = Display()
    profile = options.profile
    closing = []
    try:
        # First run.
        first = Window(profile, display, place / "first", None, ["--language", "ru"])
        closing.append(first)
        time.sleep(0.8)
        first.click(900, 266)
        first.type("nika")
        first.click(820, 393)
        take(first, "03-first-run")
        first.copy("shepot://203.0.113.24")
        first.key("ctrl+v")
        first.click(1122, 393)
        first.click(716, 529)
        first.type("192.0.2.7:x")
        first.click(778, 579)
        take(first, "10c-errors-first-run")
        first.close()

        # The dark window: Russian.
        server = Server(profile, place, "127.0.0.1:7543")
        closing.append(server)
        lighthouse = server.invitation
        rust = server.another_invitation()
        marina, tomas, fox, room, cinema = hike(profile, lighthouse)
        closing += [marina, tomas, fox]
        kept = preferences("ru", "dark", [("🌊 Маяк", lighthouse, True), ("🦀 Rust evening", rust, True),
                                          ("Архив", "[2001:db8:5::21]:7443", False)])
        devin = Member(profile, "devin", rust)
        closing.append(devin)
        devin.do({"do": "make_room", "server": 1, "name": "lifetimes"})
        lifetimes = devin.room("lifetimes")
        window = reopen(profile, display, place / "dark", kept)
        closing.append(window)
        # Below the main room, by name: book-club, вечер-кино, поход.
        window.click(196, 264)
        first_id = marina.say("Посмотрела прогноз: в субботу сухо до четырёх, потом гроза. Предлагаю электричку в 7:12 — к двум уже спустимся.", room)
        stove = tomas.say("7:12 is brutal, but fine. I can carry the tent. Who has a stove?", room)
        fox.sees("7:12 is brutal, but fine. I can carry the tent. Who has a stove?")
        fox.say("Горелка у меня. Газа хватит на двоих, нужен ещё один баллон.", room, reply_to=stove)
        for member, emoji in ((tomas, "👍"), (fox, "👍"), (marina, "👍"), (tomas, "☕"), (fox, "☕")):
            member.do({"do": "react", "server": 1, "message": first_id, "emoji": emoji})
        hedgehog = Member(profile, "Ёжик", lighthouse)
        closing.append(hedgehog)
        hedgehog.do({"do": "set_profile", "nick": "Ёжик", "mood": 14})
        time.sleep(0.5)
        hedgehog.say("Всем привет! Баллон и аптечку беру 🎒", room)
        alex = Member(profile, "Alex", lighthouse)
        other = Member(profile, "Alex", lighthouse)
        closing += [alex, other]
        alex.say("Does the trail still cross the old bridge? Last year it was closed.", room)
        time.sleep(0.5)
        window.click(620, 762)
        window.type("Мост починили. 14 км, набор 620 м. @Al")
        window.key("Tab")
        window.type("yes, the bridge is open again.")
        window.key("Return")
        devin.say("Bounded channel, then.", lifetimes)
        marina.say("Кто выбирает фильм?", cinema, mentions=[marina.key_of("nika")])
        for text in ("Билеты взяла", "Вагон третий", "Встречаемся у касс"):
            marina.say(text)
        fox.do({"do": "typing", "server": 1, "room": room})
        take(window, "01-main-dark")

        window.click(948, 68)
        window.type("мост")
        take(window, "16b-search")
        window.key("Escape")
        window.key("ctrl+k")
        window.type("мар")
        take(window, "16a-switcher")
        window.key("Escape")
        window.key("ctrl+i")
        time.sleep(0.5)
        window.key("Return")
        take(window, "04-invite")
        window.key("Escape")
        window.click(620, 762)
        window.key("ctrl+m")
        window.click(116, 616)
        window.key("ctrl+e")
        time.sleep(0.5)
        take(window, "08-emoji")
        window.key("Escape")
        window.click(116, 616)
        window.key("ctrl+m")

        # Messages.
        ask = tomas.say("Quick check: does everyone have a ticket for the 7:12? I can buy **four** more at the station.", room)
        tomas.do({"do": "edit", "server": 1, "message": ask, "body": "Quick check: does everyone have a ticket for the 7:12? I can buy **four** more at the station, please."})
        for member, emoji in ((marina, "👍"), (fox, "👍"), (tomas, "🎫")):
            member.sees("Quick check: does everyone have a ticket for the 7:12? I can buy **four** more at the station.")
            member.do({"do": "react", "server": 1, "message": ask, "emoji": emoji})
        marina.say("Мне не нужен, у меня абонемент.", room)
        marina.say("А вот Ёжику, кажется, нужен.", room)
        gone = hedgehog.say("Ой, не туда", room)
        hedgehog.do({"do": "delete", "server": 1, "message": gone})
        nika = fox.key_of("nika")
        map_id = fox.say("@nika возьмёшь карту на бумаге? Телефон на холоде садится.", room, mentions=[nika])
        time.sleep(0.5)
        window.move(700, 640)
        window.key("Escape")
        window.click(620, 762)
        window.type("Возьму, и запасной аккумулятор тоже.")
        window.key("Return")
        time.sleep(0.4)
        window.move(700, 655)
        take(window, "09a-messages-hover")
        window.click(500, 655, button=3)
        take(window, "09a-messages")
        window.key("Escape")

        # Pages.
        window.key("ctrl+n")
        window.type("Студия:192.0.2.7:7443")
        take(window, "05-servers")
        window.key("ctrl+a", "BackSpace", "Escape")
        window.key("ctrl+comma")
        take(window, "07a-settings-profile")
        window.click(190, 170)
        take(window, "07b-settings-appearance-dark")
        window.click(190, 212)
        take(window, "07c-settings-privacy")
        window.click(190, 254)
        take(window, "07d-settings-notifications-dark")
        window.click(190, 296)
        take(window, "07e-settings-logs")
        window.click(190, 338)
        take(window, "07f-settings-keyboard")
        window.click(190, 380)
        take(window, "07g-settings-about")
        window.key("Escape")

        # The connection goes, and comes back without what was said.
        server.kill()
        time.sleep(1.5)
        window.click(620, 762)
        window.type("Захватите дождевики, гроза может прийти раньше")
        window.key("Return")
        take(window, "10a-reconnecting")
        server.start()
        time.sleep(9)
        fox.say("С возвращением! Мы решили: сбор в 6:50 у касс.", room)
        take(window, "10a-back")

        # Lock.
        window.key("ctrl+l")
        window.type("тайна")
        window.key("Tab")
        window.type("тайна")
        window.key("Return")
        time.sleep(0.8)
        marina.say("Новое", room)
        window.type("12345")
        take(window, "12-lock")
        window.key("ctrl+a", "BackSpace")
        window.type("тайна")
        window.key("Return")
        time.sleep(0.8)

        # As narrow as a telephone.
        window.size(420, 800)
        take(window, "13a-narrow-chat")
        window.click(26, 68)
        take(window, "13b-narrow-rooms")
        window.size(800, 700)
        take(window, "13c-middle")
        window.quit()

        # Hosting, and its operator's view.
        host = Window(profile, display, place / "host", preferences("ru", "dark", []),
                      ["--listen", "127.0.0.1:7544"])
        closing.append(host)
        time.sleep(0.8)
        host.click(1122, 579)
        time.sleep(2.0)
        host.key("ctrl+i")
        time.sleep(0.6)
        host.key("Return")
        link = host.clipboard()
        host.key("Escape")
        for nick in ("Марина", "Tomas", "Ёжик", "devin"):
            guest = Member(profile, nick, link)
            closing.append(guest)
            for number in range(5):
                guest.say(f"{number}: " + ("слово " * 40).strip())
        host.key("ctrl+shift+o")
        time.sleep(1.2)
        host.move(640, 490)
        take(host, "06-connections")
        host.key("Escape")
        host.key("ctrl+comma")
        host.click(190, 170)
        host.click(900, 200)
        host.key("Escape")
        host.key("ctrl+shift+o")
        time.sleep(1)
        take(host, "06b-connections-light")
        host.close()

        # The light window: English.
        sato, olga = Member(profile, "Sato", rust), Member(profile, "Ольга", rust)
        lake = Member(profile, "mirror_lake", rust)
        closing += [sato, olga, lake]
        light = reopen(profile, display, place / "light", preferences(
            "en", "light", [("🌊 Маяк", lighthouse, True), ("🦀 Rust evening", rust, True), ("Архив", "[2001:db8:5::21]:7443", False)]))
        closing.append(light)
        light.key("ctrl+2")
        time.sleep(0.8)
        light.click(196, 196)
        devin.say("The relay drops a client when its queue is full. I would rather make the slow reader wait than kill it. Thoughts?", lifetimes)
        bounded = sato.say("Bounded channel, then. Back-pressure comes for free, and the memory limit is honest.", lifetimes)
        for member in (devin, olga, lake):
            member.sees("Bounded channel, then. Back-pressure comes for free, and the memory limit is honest.")
            member.do({"do": "react", "server": 1, "message": bounded, "emoji": "💯"})
        sato.say("```rust\nlet (tx, mut rx) = mpsc::channel::<Frame>(64);\n// the sender waits here instead of growing a queue\ntx.send(frame).await?;\n```", lifetimes)
        olga.say("А если читатель завис навсегда? Нужен ещё таймаут, иначе один клиент остановит всю комнату.", lifetimes, reply_to=bounded)
        lake.say("@nika you wrote the first version. Was there a reason for `try_send`?", lifetimes, mentions=[lake.key_of("nika")])
        light.click(620, 762)
        light.type("Only that I was in a hurry. Ольга права.")
        light.key("Return")
        light.type("I can take the timeout, patch tonight")
        devin.do({"do": "typing", "server": 1, "room": lifetimes})
        time.sleep(0.5)
        take(light, "02-main-light")
        olga.say("**План на завтра**, коротко:\n1. таймаут на `send`, 5 секунд\n2. тест с медленным читателем\n\n> Медленный не должен мешать остальным.", lifetimes)
        take(light, "09b-markdown")
        light.key("ctrl+shift+k")
        time.sleep(0.6)
        take(light, "11-safety-code")
        light.key("Escape")
        light.key("ctrl+comma")
        light.click(190, 170)
        take(light, "07b-settings-appearance")
        light.click(190, 254)
        take(light, "07d-settings-notifications")
        light.key("Escape")
        light.key("ctrl+shift+l")
        take(light, "10c-clear")
        light.key("Escape")
        light.key("ctrl+q")
        take(light, "10c-quit")
        light.close()

        # A relay that keeps little, and a window that was away for longer.
        small = Server(profile, place / "small", "127.0.0.1:7545",
                       ["log_entries=8", "ping_seconds=1", "dead_after_seconds=3"])
        closing.append(small)
        vera, oleg = Member(profile, "Вера", small.invitation), Member(profile, "Олег", small.invitation)
        closing += [vera, oleg]
        away = reopen(profile, display, place / "away", preferences(
            "ru", "dark", [("🏔 Перевал", small.invitation, True)]))
        closing.append(away)
        vera.say("Палатку берём большую?")
        oleg.say("Да, нас теперь шестеро.")
        time.sleep(0.5)
        away.process.send_signal(signal.SIGSTOP)
        time.sleep(5)
        for n in range(1, 15):
            vera.say(f"Пункт {n}: проверено")
        away.process.send_signal(signal.SIGCONT)
        time.sleep(6)
        oleg.say("Список готов, посмотрите.")
        time.sleep(0.5)
        take(away, "10b-gap")
        away.close()
    finally:
        for thing in reversed(closing):
            try:
                thing.close() if hasattr(thing, "close") else thing.kill()
            except Exception as error:  # the rest is to be ended all the same
                print("while ending:", error, file=sys.stderr)
        display.close()
