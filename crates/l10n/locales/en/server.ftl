# The server at a terminal.

server-unknown-setting = { $place }: there is no setting “{ $name }”. There are: { $known }.
server-wrong-setting = { $place }: “{ $value }” cannot be used. { $advice }
server-setting-out-of-range = { $name } is { $value }. Choose a number from { $lowest } to { $highest }.
server-settings-file = Cannot read the settings { $path }: { $error }. Correct the file, or name another with --config.
server-no-home = It is not known where the state is to be kept. Name a folder with --state-dir.
server-advice-listen = Write addresses with ports, for example 0.0.0.0:7443 or [::]:7443.
server-advice-shared-addresses = Write at most 16 IP addresses without ports, for example 127.0.0.1.
server-advice-one = Write one value.
server-advice-address = Write how others reach this server, for example 203.0.113.5, relay.example.org:7443 or [2001:db8::1]:7443.
server-advice-open = Write true or false.
server-advice-folder = Write the path of a folder.
server-advice-language = Write en or ru.
server-advice-limit = Write a name and a number, for example connections=500.
server-advice-number = Write a whole number, for example 500.

server-no-random = The system gives no random numbers, so no keys can be made. Start the machine again.
server-log-folder = Cannot write logs into { $folder }: { $error }. Name another folder with --log-dir.
server-disk-full = There is no room on the disk for { $folder }. Make room, and try again.
server-state-folder = Cannot use { $path }: { $error }. Give this user the right to it, or name another folder with --state-dir.
server-state-damaged = { $path } is damaged. Restore it from a copy. If there is none, remove it: a new one will be made, and old invitations will no longer work.
server-port-in-use = { $address } is in use by another program. Stop that program, or choose another port with { $flag }.
server-port-forbidden = The system does not let this user listen on { $address }. Choose a port above 1023 with { $flag }.
server-not-our-address = { $address } is not an address of this machine. Choose another with { $flag }, for example 0.0.0.0:7443.
server-cannot-listen = Cannot listen on { $address }: { $error }. Choose another address with { $flag }.
server-cannot-start = Cannot start: { $error }.
server-not-hardened = Note: the system did not let the server forbid memory dumps.

server-listening = Listening on { $addresses }.
server-pin = Fingerprint of this server: { $pin }
server-open = The server is open: whoever knows the address { $address } gets in.
server-invitation = Invitation to a new circle. Whoever has it gets in: send it only to those who may. It is shown once and kept nowhere.
server-owner-invitation = The owner’s link to the same circle. Whoever has it may rename the circle and remove people: keep it to yourself.
server-only-near = The address in it works inside your own network. For others, set public_address (or --public-address) to the address they reach you at, and forward the port on your router.
server-invite-hint = To invite people, run in another terminal: { $command }
server-stopping = Stopping: everybody is told.

server-swap-off = Swap is off.
server-swap-memory = Swap is in compressed memory only.
server-swap-encrypted = Swap is encrypted.
server-swap-plain = Swap is on a disk in the clear: memory can be left there. Turn it off (swapoff -a), or encrypt it.
server-swap-unknown = The system does not say whether there is swap.
server-hibernation-off = Hibernation is off.
server-hibernation-possible = The kernel can hibernate the machine, and then all memory is on its disk. Forbid it: systemctl mask hibernate.target hybrid-sleep.target suspend-then-hibernate.target. This line stays: what the kernel could do does not change by that.
server-hibernation-unknown = The system does not say whether it can hibernate.
server-dumps-forbidden = The server’s memory cannot be dumped.
server-dumps-allowed = The server’s memory can be dumped. Set the core limit to zero (ulimit -c 0).
server-dumps-unknown = The system does not say whether memory can be dumped.
server-lockable = Locked memory: the system allows { $kib } KiB. Shepot locks none: what keeps its memory off the disk is that swap is off or encrypted.
server-lockable-unknown = Locked memory: the system does not limit it or does not say. Shepot locks none: what keeps its memory off the disk is that swap is off or encrypted.
server-files-enough = { $allowed } files may be open, { $needed } are needed.
server-files-few = Only { $allowed } files may be open, all connections need { $needed }. Raise the limit (ulimit -n, or LimitNOFILE= for systemd), or lower connections and unauthenticated.
server-state-new = The state folder { $folder } will be made at the first start.
server-state-good = The state folder { $folder } is in order.
server-state-not-private = Others may look into the state folder { $folder }. Forbid it: chmod 700.
server-port-free = { $address } is free.
server-port-taken = { $address } cannot be used: { $error }. Is the server running already?
server-doctor-limits = Limits:
server-doctor-good = All is well.
server-doctor-bad = See the lines with an exclamation mark.
server-only-here = The address in the invitation works on this machine only. For others, listen on all addresses (--listen 0.0.0.0:PORT) and, if it still says so, set --public-address.
server-state-not-writable = The folder { $folder } cannot be written to by this user: choose another with --state-dir, or change whose it is.

server-advice-socket = Write the path of a file that does not exist yet.
server-advice-metrics = Write an address of this machine alone with a port, for example 127.0.0.1:9464: the figures are for nobody else.
server-runs-already = Another server answers at { $socket }. Stop it first (shepot-server stop), or name another socket with --control-socket.
server-socket-too-long = The path { $socket } is too long for a socket. Name a shorter one with --control-socket.
server-socket = Cannot make the socket { $socket } for operators: { $error }. Name another with --control-socket.
server-not-running = No server answers at { $socket }. Is it running? Use the same --state-dir, --control-socket or --config as it does.
server-socket-forbidden = This user may not operate the server at { $socket }. Be the user that it runs as (sudo -u shepot-server …), or the administrator.
server-no-sockets = On this system a running server cannot be operated by commands. Stop it with Ctrl+C.
server-does-not-answer = The server at { $socket } does not answer: { $error }. Look into its log.
server-other-version = The running server is of another version. Start it again with this one.

server-version = Version { $own }. No server runs with these settings.
server-version-running = Version { $own }. The server that runs (process { $process }) is version { $running }.
server-sandbox = The kernel can lock the server down: after its start it writes its log and its invitations and nothing else.
server-no-sandbox = The kernel cannot lock the server down (no Landlock). Run it as the packaged service, which has a sandbox of its own.
server-clock-behind = The clock is wrong: it shows a time before this program was built. Set it, or invitations and disappearing messages will expire at the wrong time.
server-clock-kept = The clock is kept by a time service.
server-clock-unknown = The system does not say whether a time service keeps the clock.
server-memory-enough = { $free } of memory is free. The limits allow the server { $needed }.
server-memory-little = Only { $free } of memory is free, but the limits allow the server { $needed }. Lower circle_bytes_in_total or connections under [limits] in the settings, or add memory.
server-port-answers = { $address } answers.
server-port-silent = { $address } does not answer, although the server runs. Is a firewall in between?
server-public-answers = { $address }, as it stands in invitations, can be reached from here.
server-public-silent = { $address }, the address in invitations, cannot be reached from here. Open the port in the firewall or forward it on the router. Some routers cannot be reached at their outer address from inside: then try from another network.
server-no-terminal = The dashboard needs a terminal. For programs there are the commands with --json.
server-occupied = Another server uses the state folder { $folder }, but does not answer at { $socket }. Name its socket with --control-socket, or stop it first.
server-logs-over-state = The log folder { $logs } must not hold the state folder { $state }: everything in the log folder can be written. Name another one with --log-dir.
server-not-ours = The state folder { $folder } belongs to another user. Run the server as that user: sudo -u NAME shepot-server run
server-socket-not-ours = { $socket } is a file, and no socket: it is not replaced. Name another place with --control-socket.

bench-begins = Measuring for ten seconds, with a server of its own on this machine…
bench-failed = The measurement did not succeed: { $error }.
bench-admissions = People let in per second: { $n }
bench-idle = Memory for a connection that says nothing: { $n }
bench-deliveries = Messages delivered per second, in a circle of 50: { $n }
bench-p50 = From sending to receiving, half of all within: { $n } ms
bench-p99 = From sending to receiving, 99 of 100 within: { $n } ms
bench-memory = Memory of the server after that: { $n }
bench-processors = Processors, shared by the server and the measurement: { $n }
server-no-json = This command has no answer: --json is for the others.
