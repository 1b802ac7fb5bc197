# What happens to people and what they are told, for every interface.

state-connecting = Connecting…
state-waiting = Waiting for the others…
state-connected = Connected.
state-reconnecting = No connection. Trying again in { $seconds } s.
state-disconnected = Disconnected. Nothing of this session is left here.
state-ended = The connection has ended.

happening-entered = You are in. People here: { $people }.
happening-joined = { $nick } joined: new keys, new safety code.
happening-returned = { $nick } is in step with the circle again.
happening-left = { $nick } left.
happening-evicted = The owner removed { $nick }. Earlier invitations do not open this circle any more.
happening-away = { $nick } lost the connection.
happening-back = { $nick } is back.
happening-renamed = { $from } is now { $nick }.
happening-room-made = { $nick } made the room #{ $room }.
happening-room-renamed = { $nick } called the room #{ $room }.
happening-timer-set = { $nick }: messages in #{ $room } disappear after { $seconds } s.
happening-timer-off = { $nick }: messages in #{ $room } do not disappear any more.
happening-gap = Entries missing here: { $entries }. The server does not have them any more.
happening-missing = Messages missing from { $nick }: { $messages }. Ask what was said.
happening-fork = Warning: what { $nick } sees differs from what you see. The server or somebody in the circle cheats. Compare the safety code.
happening-unreadable = Something could not be read: the server or somebody in the circle does not follow the rules.
happening-needs-newer-version = { $nick } sent something that needs a newer version of Shepot.
happening-relay-restarted = The server was restarted. The circle is together again.
happening-rejoined = You are in the circle again.

problem-unreachable = The server does not answer. Check the address and that the server runs; Shepot keeps trying.
problem-unknown-host = There is no machine of this name. Check the address, or use the IP address.
problem-wrong-identity = This server is not the one of the invitation: somebody may be in between. Ask the operator for a new invitation.
problem-not-shepot = What answers there is not a Shepot server. Check the address and the port.
problem-not-admitted = The server does not let you in with this. Ask for a new invitation.
problem-server-too-old = The server is too old for this program. Ask the operator to update it.
problem-server-too-new = The server is newer than this program. Update Shepot.
problem-server-full = The server is full. Shepot keeps trying.
problem-address-full = Too many connections from your address. Shepot keeps trying.
problem-circle-full = There is no room for more people here. Ask the operator.
problem-disconnected-by-operator = The operator ended your connection.
problem-replaced = You are connected from elsewhere with the same keys.
problem-evicted = The owner removed you from the circle.
problem-invitation-expired = The invitation is too old. Ask for a new one.
problem-wrong-owner = This circle has another owner than the invitation says: somebody took its place. Ask those who invited you.
problem-secret-changed = The circle's secret was changed. Ask for a new invitation.
problem-join-refused = The members could not let you in. Try again, or ask for a new invitation.
problem-shutting-down = The server is stopping. Shepot tries to come back.
problem-server-misbehaves = The server does not follow the protocol. Ask the operator to update it.
problem-too-large-for-server = This message is larger than the server takes. Send it in parts.
problem-too-fast = Faster than the server allows: the rest follows in a moment.
problem-no-randomness = The system gives no random numbers: nothing can be encrypted. Restart the computer.

mistake-no-such-server = There is no such server in the list.
mistake-not-connected = You are not in the circle yet. Wait for "You are in".
mistake-no-such-room = There is no such room. /rooms lists them.
mistake-room-exists = There is a room of this name already.
mistake-too-many-rooms = There are as many rooms as there may be.
mistake-room-name = A room's name has 1 to { $most } characters.
mistake-no-such-message = There is no such message here any more.
mistake-on-its-way = This message is on its way already and may have been read.
mistake-not-the-author = Only the author can do this.
mistake-empty-message = There is nothing in this message.
mistake-long-message = A message has at most { $most } characters. Yours is still there: shorten it.
mistake-outbox-full = Too much is waiting to be sent. Wait for the connection.
mistake-nick = A nick has { $fewest } to { $most } characters.
mistake-no-such-person = There is nobody like that in the circle. /who lists everybody.
mistake-not-the-owner = Only the owner of the circle can do this.
mistake-reaction = This is not a reaction: use one emoji.
mistake-avatar = The picture is too large: at most { $most } bytes.

entry-empty = Paste an invitation, or type an address like 203.0.113.5:7443.
entry-too-long = This is too long for an invitation or an address. Copy it again.
entry-not-an-invitation = This is not a Shepot invitation: one begins with shepot://
entry-damaged = The invitation is damaged. Copy all of it once more.
entry-newer = This invitation was made by a newer program. Update Shepot.
entry-expired = The invitation is too old. Ask for a new one.
entry-host = “{ $typed }” is not a host name or an IP address. Write it like 203.0.113.5:7443.
entry-port = “{ $typed }” is not a port. A port is a number from 1 to 65535.
entry-ipv6-needs-brackets = Write an IPv6 address in brackets: [2001:db8::1]:7443.
entry-name = A server's name has 1 to 64 characters and no colon at its ends.
entry-too-many-servers = The list of servers is full. Remove one first.

open-server = Open server: its identity is not pinned. Compare the safety code before you say anything private.

main-room = main

posture-swap-off = Swap: off. Good.
posture-swap-in-memory = Swap: in memory only (zram). Good.
posture-swap-encrypted = Swap: encrypted. Good.
posture-swap-plain = Swap: on a disk in the clear. Memory may be written there: turn it off (swapoff -a) or encrypt it.
posture-swap-unknown = Swap: this system does not tell. Turn it off or encrypt the disk.
posture-hibernation-off = Hibernation: not possible. Good.
posture-hibernation-possible = Hibernation: possible. It writes all memory to the disk: do not use it while Shepot runs.
posture-hibernation-unknown = Hibernation: this system does not tell. Do not use it while Shepot runs.
posture-dumps-forbidden = Memory dumps of this program: forbidden. Good.
posture-dumps-allowed = Memory dumps of this program: allowed by the system. A crash may leave a file with memory in it.
posture-dumps-unknown = Memory dumps of this program: this system does not tell.
