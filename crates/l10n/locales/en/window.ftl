# The window. Sentence case, short, no blame; from the design.

# App and title bar.
ui-app = Shepot
ui-tagline = A private messenger you host yourself
ui-find = Find a room, person or message
ui-lock = Lock
ui-panic = Panic: wipe everything and quit
ui-win-min = Minimise
ui-win-max = Maximise
ui-win-close = Close
ui-cancel = Cancel
ui-close = Close
ui-save = Save
ui-apply = Apply
ui-remove = Remove
ui-copied = Copied
ui-you = you

# Servers and sidebar.
ui-rooms = Rooms
ui-news-elsewhere = There are new messages in other rooms
ui-new-room = New room
ui-add-server = Add server
ui-settings = Settings
ui-connections = Connections
ui-servers = Servers
ui-st-on = Connected
ui-st-conn = Connecting…
ui-st-off = Disconnected
ui-st-host = Your server
ui-connect = Connect
ui-disconnect-server = Disconnect from the server
ui-disconnect = Disconnect
ui-fingerprint = fingerprint
ui-mood = Mood
ui-mood-pack = Mood pack
ui-mood-hint = Shown instead of your avatar
ui-mood-clear = Clear mood

# Room and messages.
ui-members-n = { $n ->
    [one] 1 member
   *[other] { $n } members
}
ui-members = Members
ui-key-at = key renewed { $t }
ui-invite = Invite
ui-search-room = Search this session
ui-vanish-off = Never disappear
ui-h1 = 1 h
ui-clear = Clear room
ui-clear-all = Clear everything
ui-session-start = Session started at { $t }. Nothing before this exists here.
ui-ev-join = { $nick } joined
ui-ev-leave = { $nick } left
ui-ev-key = new key, new safety code
ui-ev-check = Check code
ui-new-msgs = New
ui-to-latest = { $n ->
    [one] 1 new message
   *[other] { $n } new messages
}
ui-placeholder = Message #{ $room }
ui-ph-connect = You are not connected. Connect to write
ui-ph-off = No connection. Messages will be sent when it is back
ui-ph-over = The session is over. You can still read and copy what was said
ui-send = Send
ui-emoji = Emoji
ui-reply = Reply
ui-react = React
ui-edit-address = Change the address
ui-edit = Edit
ui-delete = Delete for everybody
ui-copy-text = Copy text
ui-more = More
ui-replying = Reply to { $nick }
ui-editing = Editing message
ui-edited = edited
ui-deleted = Message deleted
ui-sending = Sending…
ui-queued = Waiting to be sent
ui-failed = Not sent
ui-retry = Try again
ui-copy-code = Copy code
ui-to-members = Show members
ui-room-menu = Room menu
ui-v-1m = 1 min
ui-v-5m = 5 min
ui-v-15m = 15 min
ui-v-24h = 24 h
ui-room-name = Room name
ui-create = Create
ui-alone = You are alone here. Invite someone.

# Emoji.
ui-emo-search = Search emoji
ui-emo-recent = Recent
ui-emo-faces = Faces
ui-emo-nature = Nature
ui-emo-food = Food
ui-emo-travel = Travel
ui-emo-things = Things
ui-emo-signs = Symbols
ui-emo-none = Nothing found

# Safety code.
ui-sc-title = Safety code of “{ $room }”
ui-sc-body = Read it aloud or compare screens in person. The same code means nobody intercepts your messages.
ui-sc-changed = Changed at { $t }: { $nick } joined
ui-sc-numbers = Show as numbers
ui-sc-match = It matches
ui-sc-nomatch = It does not match
ui-sc-verified = Compared at { $t }
ui-sc-unverified = Not compared yet
ui-sc-history = Key changes in this session
ui-sc-bad-title = The codes do not match
ui-sc-bad = The codes differ: somebody else may be able to read this. Do not write anything private here.

# The code of two people.
ui-pc-show = Your code with this person
ui-pc-title = Your code with { $nick }
ui-pc-body = Compare it with this person only. The same code means nobody intercepts what you two write.

# Invitation.
ui-inv-title = Invitation to “{ $server }”
ui-inv-body = Whoever has this link can enter. Send it over a channel you trust.
ui-inv-copy = Copy link
ui-inv-save = Save QR
ui-inv-clip = The clipboard is cleared in { $n } s
ui-inv-scan = Scan it with a camera, or open a picture of it in Shepot

# First run and adding a server.
ui-fr-title = Speak quietly
ui-fr-sub = Messages live only in memory, on the screens of the people you talk with.
ui-fr-1 = The server cannot read messages
ui-fr-2 = No accounts, no phone numbers
ui-fr-3 = Close the window and the session is gone
ui-fr-who = What should people call you?
ui-nick = Nick
ui-nick-empty = Type a nick first.
ui-nick-rule = Up to 20 characters
ui-fr-inv = I have an invitation
ui-fr-inv-ph = Paste shepot://… or drop a picture with a QR code
ui-join = Join
ui-fr-addr = I know the address
ui-fr-addr-ph = IP:PORT or Name:IP:PORT
ui-fr-addr-note = Open servers only
ui-fr-host = Host on this computer
ui-fr-host-note = One click. It runs while Shepot is open.
ui-fr-host-gone = One click. It is gone when you quit.
ui-fr-host-kept = Your server is kept: one click brings it back with its invitations.
ui-fr-host-btn = Start hosting
ui-qa-label = Invitation or address
ui-qa-name = Name
ui-qa-addr = Address
ui-qa-port = Port
ui-add = Add
ui-open-warn = Open server: its identity is not pinned. Compare the safety code before you say anything private.
ui-sv-auto = Connect at start
ui-sv-unread = Unread
ui-sv-status = State
ui-sv-rooms = Rooms
ui-sv-remember = Servers are stored on this computer with their invitations. Messages are not.
ui-er-addr = Write an address, for example 203.0.113.5:7443

# Connection.
ui-cn-lost = Connection lost
ui-cn-retry-in = Next attempt in { $n } s
ui-cn-now = Retry now
ui-cn-back = Connected again. The circle has a new key.
ui-cn-gap = Gap { $a }–{ $b }. What was said then was not kept for you.
ui-cn-connecting = Connecting to { $server }…
ui-cn-unreach = No answer from { $addr }. Is the server running?
ui-cn-closed = This server lets in only people with an invitation. Ask the person who sent you the address for one.
ui-cn-ident = Not the server from your invitation
ui-cn-ident-body = The identity of { $addr } differs from the invitation. Nothing was sent. Ask the operator for a new link. What was said stays here until you remove the server.
ui-cn-hold = The circle changed while you were away. Send?
ui-cn-held = Somebody came in while you were away, so { $n ->
    [one] a message of yours was not sent.
   *[other] { $n } messages of yours were not sent.
}
ui-cn-show = Show

# Operator's view.
ui-op-sub = You see addresses and sizes. Names and words are encrypted, for you too.
ui-op-now = Connected now
ui-op-msgs = Messages relayed
ui-op-ram = Memory
ui-op-refused = Refused
ui-op-rooms = Circles
ui-op-traffic = Traffic
ui-op-since = Since
ui-op-addr = Address
ui-op-state = State
ui-op-in = In
ui-op-out = Out
ui-op-act = Actions
ui-op-s-active = Active
ui-op-s-idle = Idle
ui-op-s-refused = Refused
ui-op-s-banned = Banned
ui-op-s-paused = Paused
ui-op-disc = Disconnect
ui-op-ban = Ban address
ui-op-unban = Lift ban
ui-op-unpause = Lift pause
ui-op-stop = Stop server
ui-op-hour = last hour
ui-op-limit = of { $n }
ui-op-filter = Filter by address
ui-op-all = All
ui-op-bans = Bans
ui-op-uptime = Running for { $t }
ui-op-empty = Nobody is connected. Send an invitation.
ui-op-nothing = There is nothing here.

# Settings.
ui-s-profile = Profile
ui-s-look = Appearance
ui-s-priv = Privacy
ui-s-notif = Notifications
ui-s-logs = Logs
ui-s-keys = Keyboard
ui-s-about = About
ui-p-avatar = Avatar
ui-p-upload = Choose picture…
ui-p-emoji = Emoji
ui-p-initial = Initial
ui-p-avatar-note = Scaled to 128×128. Camera data is removed.
ui-p-preview = How others see you
ui-p-fp = Your colour and fingerprint are new at every connection, so a nick alone proves nothing.
ui-a-theme = Theme
ui-a-system = System
ui-a-dark = Dark
ui-a-light = Light
ui-a-size = Message text size
ui-a-density = Density
ui-a-cozy = Comfortable
ui-a-compact = Compact
ui-a-lang = Language
ui-russian = Русский
ui-english = English
ui-a-motion = Reduce motion
ui-a-frame = System window frame
ui-a-24 = 24-hour clock
ui-v-lock = Lock after
ui-v-pass = Lock passphrase
ui-v-pass-note = For this session only. It cannot be recovered.
ui-v-set = Set…
ui-v-change = Change…
ui-v-wipe = Wipe everything after 5 wrong passphrases
ui-v-vanish = Disappearing messages on your own server
ui-v-typing = Show that I am typing
ui-v-clip = Clear clipboard after 60 s
ui-v-shot = Hide window from screen capture
ui-v-remember = Remember servers and settings
ui-v-remember-note = In a file on this computer: servers with their invitations, your nick, avatar and settings and, if you have hosted a server, its key. No messages.
ui-v-owner-keys = { $n ->
    [one] It holds an owner’s key: whoever reads it can remove people from that circle.
   *[other] It holds { $n } owner’s keys: whoever reads them can remove people from those circles.
}
ui-v-panic = Panic button
ui-v-panic-note = Wipes everything and quits. Hold for 1 s, or press Ctrl+Shift+Backspace twice.
ui-panic-tip = Hold for 1 s to wipe everything and quit
ui-v-servers = Also forget servers, settings and the log
ui-v-ram = In memory now
ui-n-on = System notifications
ui-n-note = Never with nick, room or text.
ui-n-text = New message in Shepot
ui-n-when = Notify about
ui-n-all = Everything
ui-n-ment = Mentions
ui-n-none = Nothing
ui-n-sound = Sound
ui-n-badge = Unread dot on the icon
ui-n-per = By server
ui-n-mute = Muted
ui-n-prev = Preview
ui-l-on = Write a log
ui-l-note = Only in the log folder on this computer, in English and with times in UTC. No nicks, texts, keys or full addresses. Never sent anywhere.
ui-l-incognito = In incognito nothing is logged.
ui-l-level = Level
ui-l-copy = Copy all
ui-l-save = Save to file…
ui-l-clear = Clear
ui-l-err = Errors
ui-l-info = Events
ui-l-debug = Everything

# Lock, panic, clear.
ui-lk-title = Shepot is locked
ui-lk-body = You are still connected. Messages are hidden.
ui-lk-body-off = You are not connected. Messages are hidden.
ui-lk-ph = Passphrase
ui-lk-open = Unlock
ui-lk-unread = { $n } new
ui-lk-wrong = Wrong passphrase. { $n ->
    [one] One attempt is left, then everything is wiped.
   *[other] { $n } attempts are left, then everything is wiped.
}
ui-lk-panic = Forgot it? Wipe everything and quit
ui-pn-hold = Hold to wipe
ui-pn-again = Press again to wipe everything
ui-cl-title = Clear all rooms of “{ $server }”?
ui-cl-body = The messages vanish from this computer. Others keep their copies until their session ends.
ui-cl-btn = Clear
ui-qt-title = Quit Shepot?
ui-qt-body = Everything said in this session is destroyed.
ui-qt-btn = Quit

# Switcher.
ui-sw-rooms = Servers, rooms, people
ui-sw-cmds = Commands
ui-sw-msgs = Messages of this session
ui-sw-none = Nothing found. Try other words.
ui-search-hint = Type what you are looking for.
ui-sw-hint = ↑↓ choose · Enter open · Esc close

# Events.
ui-ev-timer = { $nick }: messages here disappear after { $t }
ui-ev-timer-off = { $nick }: messages here no longer disappear

# Commands that no button names.
ui-cmd-switcher = Find: rooms, people, messages, commands
ui-cmd-next-server = Next server
ui-cmd-previous-server = Previous server
ui-cmd-next-room = Next room
ui-cmd-previous-room = Previous room
ui-cmd-next-unread = Next unread room
ui-cmd-previous-unread = Previous unread room
ui-cmd-invite = Invitation
ui-cmd-code = Safety code
ui-cmd-next-region = Next part of the window
ui-cmd-previous-region = Previous part of the window
ui-cmd-back = One step back

# What the window says besides.
ui-off-body = You are not connected to “{ $server }”. There are no messages here.
ui-reply-for = Reply to
ui-reply-gone = The message is not here any more
ui-typing-one = is typing…
ui-typing-many = are typing…
ui-back = Back
ui-code-less = Show less
ui-message-more = Show the whole message
ui-message-less = Show less
ui-code-more = Show { $n ->
    [one] one more line
   *[other] { $n } more lines
}
ui-cmd-timer = Disappearing messages
ui-timer-body = New messages in this room disappear from every screen this long after they are received.
ui-mute = Mute
ui-unmute = Unmute
ui-rename = Rename
ui-mention = Mention
ui-mentions = mentions:
ui-copy-fp = Copy fingerprint
ui-evict = Remove from the circle
ui-evict-title = Remove { $nick } from the circle?
ui-evict-body = Everybody else gets new keys, and earlier invitations stop working: whoever is not here now may need a new one.
ui-sc-same = Safety code compared: it matches
ui-sc-outdated = Somebody has joined since you compared
ui-sc-meanwhile = The code changed while you compared. Compare the one shown now.
ui-sc-pictures = Show as pictures
ui-inv-for = Address in the invitation
ui-inv-near = This computer’s
ui-inv-far = Another address
ui-inv-public = Public address
ui-inv-everywhere = This address works from anywhere, as long as your router and firewall let people through.
ui-inv-network = This address works only inside your own network.
ui-inv-machine = This address works on this computer only.
ui-inv-far-note = Type the address your friends reach you at, and forward port { $port } on your router.
ui-link-title = Open this link?
ui-link-body = The browser opens it, and { $site } sees your IP address.
ui-link-once = You are asked once for each site.
ui-link-no-site = This link leads nowhere.
ui-link-user = Careful: the part before the @ is only a user name. The link leads to { $site }.
ui-link-look-alike = Careful: this name may imitate another site. Some of its letters only look familiar.
ui-link-open = Open
ui-link-failed = No browser was found
ui-lk-again = Repeat the passphrase
ui-lk-differ = The passphrases differ
ui-lk-empty = Type a passphrase
ui-lk-none = No passphrase was set, so the screen will not lock by itself.
ui-lk-wrong-only = Wrong passphrase
ui-cl-all-title = Clear everything?
ui-rm-title = Remove “{ $server }”?
ui-rm-open-body = You can come back by its address. Everything said there in this session is destroyed here.
ui-rm-body = Without its invitation you cannot come back. Everything said there in this session is destroyed here.
ui-lv-title = Disconnect from “{ $server }”?
ui-lv-body = Everything said there in this session is destroyed here.
ui-qt-host = Your server stops and everybody is disconnected. It starts again with Shepot, and they come back by themselves.
ui-qt-host-ends = Your server is gone for good: nothing about it is kept, and the invitations you sent stop working.
ui-host-forget = Stop and forget
ui-forget-title = Forget this server?
ui-forget-body = Everybody who is there is disconnected, and nobody whom you invited can come back. The next server that you start is another one.
ui-forget-yes = Forget
ui-forget-one = Forget the server
ui-host-name = 🏡 Home
ui-host-failed = The server cannot start: { $error }.
ui-host-port-taken = Another program uses { $address }. Quit it, then try again.
ui-op-none = No server runs in this program.
ui-op-own = This is your own computer
ui-sv-filter = Find a server
ui-sv-forget = Servers are not stored on this computer.
ui-p-bad = This is not a picture, or it is too large
ui-p-sample = They fixed the bridge. 14 km, 620 m up
ui-v-never = Never
ui-v-incognito = Nothing is stored on this computer in this session.
ui-v-ram-n = messages: { $a }
ui-v-posture = This computer’s memory
ui-n-default = As above
ui-a-drawing = Rendering
ui-a-drawing-note = Takes effect at the next start.
ui-a-drawing-auto = Automatic
ui-a-drawing-cpu = Processor
ui-a-drawing-gpu = Graphics card
ui-about-body = Messages live only in memory and are gone when the session ends. Errors are written to a log folder on this computer and sent nowhere. Keeping messages in memory only reduces traces: it does not help against a computer that is under somebody else’s control.
ui-about-licences = Licences
ui-about-show = Show
ui-saved = Saved
ui-save-failed = It could not be saved. Choose another folder.
ui-copy-failed = The clipboard cannot be used now
ui-no-qr = No invitation was found in this picture
ui-busy = Too much at once. Try again in a moment.
ui-not-saved = Settings could not be stored on this computer
ui-prefs-damaged = The file with your servers and settings is damaged. It was kept beside under another name, and a new one was made.
ui-prefs-newer = The file with your servers and settings was written by a newer version of Shepot. It is left as it is, and nothing is stored in this session. Update Shepot.
ui-prefs-unreadable = The file with your servers and settings cannot be read. Nothing is stored in this session.
ui-tray-show = Show window
ui-no-window = The window cannot be opened: { $error }. Is there a display? In a terminal use shepot-tui.
ui-no-engine = The system has no resources left. Close other programs and try again.
ui-handed-over = Shepot is already open: look for its window. If you gave it an invitation, that is waiting there.
ui-no-answer = Shepot is already running but does not answer. Quit it, then start it again.
ui-no-entry = What Shepot was started with cannot be read. Start it without it, and paste the invitation.
ui-key-servers = Servers 1 to 9
ui-key-send = Send
ui-key-line = New line
ui-key-edit = Edit your last message (in an empty field)
ui-key-complete = Complete @nick and :emoji
ui-key-bold = Bold
ui-key-italic = Italic
ui-key-code = Code
ui-key-move = Move in the list of messages
ui-key-reply = Reply to the chosen message
ui-key-react = React to the chosen message
ui-key-copy = Copy what is selected, or the chosen message
ui-key-delete = Delete the chosen message, if it is yours
ui-key-newest = To the newest message
ui-stop-title = Stop the server?
ui-stop-body = Everybody is disconnected, and what was said here is destroyed. Start it again, and the same invitations lead back.
ui-elsewhere-title = Use this invitation for “{ $server }” from now on?
ui-elsewhere-body = This invitation leads to another address or another server than the one you have. Ask those who invited you whether they moved. If you agree, it replaces the one you have, and what was said here is destroyed.
ui-elsewhere-yes = Replace
ui-again-title = Connect to “{ $server }” again?
ui-again-body = A new session begins, and what was said in the last one is destroyed here.
ui-host-moved = Port { $port } is taken: until Shepot starts again, earlier invitations do not lead here.
ui-join-damaged = Damaged invitation
ui-nothing-to-undo = There is nothing to undo.
ui-join-title = Join with this invitation?
ui-join-body = This is an invitation to { $host }. That server will see your IP address.
ui-join-says = If you send it here, whoever reads it can join with it.
ui-join-says-damaged = If you send it here as it is, whoever mends it can join.
ui-join-say = Send to the room
ui-clear-server = Clear all rooms
ui-cl-room-title = Clear the room “{ $room }”?
ui-room-delete = Delete room
ui-room-del-title = Delete the room “{ $room }” for everybody?
ui-room-del-body = Everything that was said in it goes with it. It cannot be brought back.
ui-circle-name = Name of the circle
ui-circle-picture = Choose a picture…
ui-circle-no-picture = Remove
ui-n-size = By the size of the circle
ui-n-size-note = Everything in circles of up to { $n } people, only mentions in larger ones.
ui-v-30s = 30 s
ui-v-30m = 30 min
ui-v-8h = 8 h
ui-v-7d = 7 days
ui-incognito = Incognito
ui-inv-renew = New link
ui-renew-title = Make a new link to “{ $server }”?
ui-renew-body = Earlier links will not open the circle any more. Whoever is in it stays; whoever is not here now needs the new link.
ui-renew-yes = Make a new one
ui-no-file-dialog = This system has no dialog for files. Install xdg-desktop-portal or zenity.
ui-drop-picture = You can also drop a picture on the window.
ui-deleted-toast = Message deleted for everybody
ui-undo = Send it again
ui-p-mood-first = You have a mood on: others see it instead of your avatar. The avatar comes back when you take it off.
ui-new-invitation = Enter a new invitation
ui-known-server = You have this server already.
ui-room-is-gone = The room you were writing in is gone. Your text is here now.
ui-renewed = The owner has replaced the invitations, and yours to “{ $server }” no longer opens the circle. To come back after closing Shepot, choose “{ ui-copy-own-link }” in the server’s menu and keep that link.
ui-copy-own-link = Copy link to come back
ui-own-link-owner = Copied. This link makes whoever has it the owner: keep it to yourself.
ui-ban-title = Ban { $addr }?
ui-ban-body = Nobody comes in from this address until you lift the ban. { $n ->
    [0] Nobody is connected from there now.
    [one] One connection ends.
   *[other] { $n } connections end.
}
ui-del-title = Delete the message for everybody?
ui-del-body = It vanishes from all screens.
ui-to-end = To the newest
ui-open-qr = Open a picture with a QR code
