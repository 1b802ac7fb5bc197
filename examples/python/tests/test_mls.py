"""The MLS of this client by itself, without a server: `python -m unittest tests.test_mls`."""

from __future__ import annotations

import random
import unittest

from shepot.circle import CircleKeys
from shepot.crypto import SigningKey
from shepot.group import Group, Identity, InvalidCommit, Removed
from shepot.member import CAPABILITIES, CircleContext, Member, check_commit
from shepot.membership import INVALID
from shepot.messages import GroupInfo

KEYS = CircleKeys.first(bytes(32))
PSKS = dict([KEYS.psk])
FLIPS = 120


def identity(number: int) -> Identity:
    """A new member."""
    return Identity(SigningKey.generate(), CAPABILITIES, [Member.new(f"member {number}", number).extension()])


def found() -> Group:
    """A group of one."""
    return Group.create(KEYS.circle, [CircleContext(0, b"").extension()], identity(0))


def follow(groups: list[Group], message: bytes) -> list[Group]:
    """The groups of all who are left after a commit."""
    left = []
    for group in groups:
        try:
            staged = group.stage(message, PSKS)
        except Removed:
            continue
        check_commit(group, staged, KEYS, set())
        left.append(staged.group)
    return left


class OfGroups(unittest.TestCase):
    """What members make, other members can follow; what was altered, they cannot."""

    def agree(self, groups: list[Group]) -> None:
        """All are in the same epoch and read each other."""
        self.assertEqual(len({group.secrets.authenticator for group in groups}), 1)
        for sender in groups:
            message = sender.seal(b"text", b"log")
            for group in groups:
                if group is not sender:
                    self.assertEqual(group.open(message).data, b"text")
                    with self.assertRaises(INVALID):
                        group.open(message)

    def test_people_come_and_go(self) -> None:
        """Random joins, updates, removals and resyncs."""
        chance = random.Random(7)
        groups = [found()]
        for number in range(1, 40):
            if len(groups) < 3 or chance.random() < 0.5:
                of_old = chance.choice([None, *groups[1:]]) if chance.random() < 0.3 else None
                who = identity(number) if of_old is None else identity_again(of_old.identity, number)
                groups = [group for group in groups if group is not of_old]
                info = GroupInfo.read(chance.choice(groups).group_info())
                group, message = Group.join(info, who, KEYS.psk)
            else:
                author = groups.pop(chance.randrange(len(groups)))
                gone = chance.choice([[], [chance.choice(groups).index]])
                group, message = author.commit(gone)
            groups = [*follow(groups, message), group]
            self.agree(groups)

    def test_altered_group_information_is_refused(self) -> None:
        """Whichever byte it is."""
        group, _ = Group.join(GroupInfo.read(found().group_info()), identity(1), KEYS.psk)
        message = group.group_info()
        for altered in flipped(message):
            with self.assertRaises(INVALID):
                Group.join(GroupInfo.read(altered), identity(2), KEYS.psk)

    def test_altered_commits_are_refused(self) -> None:
        """Of newcomers and of members."""
        founder = found()
        second, message = Group.join(GroupInfo.read(founder.group_info()), identity(1), KEYS.psk)
        for altered in flipped(message):
            with self.assertRaises(INVALID):
                founder.stage(altered, PSKS)
        founder = founder.stage(message, PSKS).group
        _, message = second.commit([])
        for altered in flipped(message):
            with self.assertRaises(INVALID):
                founder.stage(altered, PSKS)
        founder.stage(message, PSKS)

    def test_a_newcomer_needs_the_secret(self) -> None:
        """Without the external key the confirmation tag is another."""
        founder = found()
        _, message = Group.join(GroupInfo.read(founder.group_info()), identity(1), (KEYS.psk[0], bytes(32)))
        with self.assertRaises(InvalidCommit):
            founder.stage(message, PSKS)


def identity_again(old: Identity, number: int) -> Identity:
    """The same member with a new nonce."""
    return Identity(old.key, old.capabilities, identity(number).extensions)


def flipped(message: bytes) -> list[bytes]:
    """The message with one bit altered here and there, and always in its last byte."""
    chance = random.Random(8)
    places = [len(message) - 1, *(chance.randrange(len(message)) for _ in range(FLIPS))]
    return [message[:at] + bytes([message[at] ^ 1 << at % 8]) + message[at + 1 :] for at in places]


if __name__ == "__main__":
    unittest.main()
