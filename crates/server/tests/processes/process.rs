//! The real program: what it prints, keeps, refuses and touches.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use crate::support::relay::{Client, PATIENCE};
use crate::support::{Home, PROGRAM, Server, links, wait};
use shepot_protocol::RelayToClient;
use shepot_protocol::message::NoticeKind;

#[test]
fn invite_prints_a_new_circle_on_the_same_relay() {
    let home = Home::new();
    let (status, first, complaints) = home.run(&["invite", "--public-address", "203.0.113.5"]);
    assert!(status.success(), "{complaints}");
    let (_, second, _) = home.run(&["invite", "--owner", "--public-address", "203.0.113.5:9000"]);
    let (first, second) = (links(&first), links(&second));
    assert_eq!((first.len(), second.len()), (1, 2));
    assert_eq!(first[0].address.to_string(), "203.0.113.5:7443");
    assert_eq!(second[0].address.to_string(), "203.0.113.5:9000");
    assert_eq!((first[0].pin, &first[0].access_key), (second[0].pin, &second[0].access_key));
    assert!(first[0].access_key.is_some());
    assert_ne!(first[0].circle_secret, second[0].circle_secret);
    let [plain, owner] = &second[..] else { panic!() };
    assert_eq!((plain.owner, &plain.circle_secret), (owner.owner, &owner.circle_secret));
    assert!(plain.owner.is_some() && plain.owner_seed.is_none() && owner.owner_seed.is_some());
}

#[tokio::test]
async fn it_runs_lets_members_in_and_stops_with_a_word() {
    let home = Home::new();
    let server = Server::start(&home, &[]);
    let invitation = server.links(&home).remove(0);
    let pin: Vec<_> = invitation.pin.0[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(server.printed.contains(&pin.join(" ")));
    assert_eq!(invitation.address.port, server.address.port());
    let (mut client, _) =
        Client::connect(server.address, invitation.pin, invitation.access_key.as_ref()).await;
    server.signal("-TERM");
    assert_eq!(client.next().await, Some(RelayToClient::Notice(NoticeKind::ShuttingDown)));
    assert_eq!(client.next().await, None);
    drop(client);
    server.stop("-TERM");
    // The same invitation opens the next run, which a Ctrl+C ends as well.
    let server = Server::start(&home, &[]);
    let again = server.links(&home).remove(0);
    assert_eq!((again.pin, &again.access_key), (invitation.pin, &invitation.access_key));
    assert_ne!(again.circle_secret, invitation.circle_secret);
    Client::connect(server.address, invitation.pin, invitation.access_key.as_ref()).await;
    server.stop("-INT");
}

#[test]
fn what_only_the_operator_can_mend_ends_with_a_code_that_the_service_knows() {
    let home = Home::new();
    let ends = |arguments: &[&str]| {
        let (status, _, complaint) = home.run(arguments);
        assert!(!complaint.is_empty(), "{arguments:?}");
        status.code().unwrap()
    };
    assert_eq!(ends(&["run", "--no-such-flag"]), 2);
    let file = home.path().join("server.toml");
    let path = file.display().to_string();
    for wrong in ["no_such_setting = 1", "listen = [", "[limits]\nconnections = 0\n"] {
        fs::write(&file, wrong).unwrap();
        assert_eq!(ends(&["run", "--config", &path]), 78, "{wrong}");
    }
    // A port may be free later.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert_eq!(ends(&["run", "--listen", &address]), 1);
    fs::write(home.state().join("identity"), "garbage").unwrap();
    assert_eq!(ends(&["run", "--listen", "127.0.0.1:0"]), 78);
    let unit = include_str!("../../../../packaging/shepot-server.service");
    assert!(unit.contains("\nRestartPreventExitStatus=2 78\n") && unit.contains("\nStartLimitBurst="));
}

#[test]
fn a_mistake_in_the_settings_does_not_stop_what_asks_the_running_server() {
    let home = Home::new();
    let socket = home.path().join("elsewhere/control");
    let socket = socket.display().to_string();
    let file = home.path().join("server.toml");
    let path = file.display().to_string();
    let right = format!("control_socket = \"{socket}\"\n");
    fs::write(&file, &right).unwrap();
    let mut server = Server::start(&home, &["--config", &path]);
    let wrong = [
        ("no_such_setting = 1\n", "no_such_setting"),
        ("[limits]\nconnections = 0\n", "connections"),
        ("this is no setting\n", "server.toml"),
    ];
    for (wrong, name) in wrong {
        fs::write(&file, format!("{right}{wrong}")).unwrap();
        for command in ["status", "connections", "invite"] {
            let (status, told, complaint) = home.run(&["--config", &path, command]);
            assert!(status.success() && !told.is_empty(), "{command}: {complaint}");
            assert!(complaint.contains(name), "it is said all the same: {complaint}");
        }
    }
    let (status, ..) = home.run(&["--config", &path, "stop"]);
    assert!(status.success());
    assert!(wait(&mut server.child).success());
    // Without a server it would be by the wrong settings.
    let (status, told, complaint) = home.run(&["--config", &path, "invite"]);
    assert_eq!((status.code(), told.is_empty()), (Some(78), true), "{complaint}");
    assert_eq!(complaint.matches("server.toml").count(), 1, "and is said once: {complaint}");
}

#[test]
fn no_command_reaches_another_server_than_its_settings_are_for() {
    let home = Home::new();
    // The one that is meant where nothing is said; the program is some user's, whoever runs the tests.
    let usual = home.path().join("usual").display().to_string();
    let bare = |arguments: &[&str]| {
        let mut command = home.command(arguments);
        command.env_remove("SHEPOT_STATE_DIR").env("XDG_STATE_HOME", &usual);
        command
    };
    let _server = Server::of(bare(&["run", "--listen", "127.0.0.1:0"]).spawn().unwrap());
    let file = home.path().join("server.toml");
    let path = file.display().to_string();
    let ends = |arguments: &[&str]| bare(arguments).output().unwrap().status.code();
    assert_eq!(ends(&["--config", &path, "stop"]), Some(78), "there is no such file");
    for wrong in [
        "state_dir = /srv/second\n",
        "state-dir = \"/srv/second\"\n",
        "control_socket = \"/srv/a\"\ncontrol_socket = \"/srv/b\"\n",
        "listen = [\n",
    ] {
        fs::write(&file, wrong).unwrap();
        assert_eq!(ends(&["--config", &path, "stop"]), Some(78), "{wrong}");
    }
    assert_eq!(ends(&["status"]), Some(0), "it still runs");
}

#[tokio::test]
async fn nothing_secret_is_written_anywhere() {
    let home = Home::new();
    let server = Server::start(&home, &[]);
    let (_, printed, _) = home.run(&["invite"]);
    let invitation = links(&printed).remove(0);
    let (client, _) = Client::connect(server.address, invitation.pin, invitation.access_key.as_ref()).await;
    let wrong = shepot_protocol::AccessKey::new([3; 32]);
    let probe = std::net::TcpStream::connect(server.address).unwrap();
    let mut dialled = Client::dial(server.address, invitation.pin).await.unwrap();
    let hello = dialled.hello(&shepot_transport::Credentials::new(Some(wrong.clone())));
    dialled.send(&shepot_protocol::ClientToRelay::Hello(hello)).await;
    for file in ["cmdline", "environ"] {
        let read = fs::read(format!("/proc/{}/{file}", server.child.id())).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&read).contains("shepot://"));
    }
    drop((client, probe, dialled));
    server.stop("-TERM");
    let log = fs::read_to_string(home.state().join("logs/shepot-server.log")).unwrap();
    assert!(log.contains("admitted connection=") && log.contains("stopped"), "{log}");
    let address = "address=127.0.0.1:";
    for line in log.lines() {
        let rest = line.split_once(' ').unwrap().1.replace(address, "");
        assert!(rest.len() < 100 && !rest.contains("shepot://"), "{line}");
    }
    let secret = invitation.circle_secret.unwrap();
    for file in home.files() {
        let bytes = fs::read(home.path().join(&file)).unwrap();
        assert!(!bytes.windows(32).any(|window| window == secret.expose()), "the secret is in {file}");
    }
    let expected = ["state/access/keys", "state/identity", "state/logs/shepot-server.log"];
    assert_eq!(home.files(), expected.map(str::to_owned).into());
}

/// Neither what it prints, at a terminal too, nor its memory ever has an invitation: another process makes them.
#[test]
fn no_server_sees_the_secret_of_a_circle() {
    let home = Home::new();
    let in_terminal = home.terminal(&["run", "--listen", "127.0.0.1:0"], (120, 30));
    in_terminal.sees("shepot-server invite");
    assert!(!in_terminal.shown().contains("shepot://"));
    drop(in_terminal);
    let home = Home::new();
    let server = Server::start(&home, &[]);
    let (status, printed, complaints) = home.run(&["invite", "--owner"]);
    assert!(status.success(), "{complaints}");
    assert!(printed.contains('█') || printed.contains('▀'), "a code for phones");
    let made = links(&printed);
    let [invitation, owner] = &made[..] else { panic!("{printed}") };
    let holds = |what: &[u8; 32]| shepot_testkit::scan::holds(server.child.id(), what).unwrap();
    assert!(holds(invitation.access_key.as_ref().unwrap().expose()), "what is there is found");
    assert!(!holds(invitation.circle_secret.as_ref().unwrap().expose()));
    assert!(!holds(owner.owner_seed.as_ref().unwrap().expose()));
    assert!(!server.stop("-TERM").contains("shepot://"));
}

/// The command that it prints reaches it, wherever its files are.
#[test]
fn the_command_that_a_server_prints_prints_an_invitation() {
    let home = Home::new();
    let state = home.path().join("state of 'mine' $HOME");
    let server = Server::of(
        home.command(&["run", "--listen", "127.0.0.1:0"])
            .env("SHEPOT_STATE_DIR", &state)
            .env("SHEPOT_CONTROL_SOCKET", home.path().join("a socket"))
            .spawn()
            .unwrap(),
    );
    let hint = server
        .printed
        .lines()
        .find_map(|line| line.strip_prefix("To invite people, run in another terminal: "));
    let output = Command::new("sh").args(["-c", hint.unwrap()]).current_dir("/").output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let [link] = &links(&printed)[..] else { panic!("{printed}") };
    assert_eq!(link.address.port, server.address.port());
}

#[tokio::test]
async fn an_open_server_needs_no_key() {
    let home = Home::new();
    let server = Server::start(&home, &["--open"]);
    let invitation = server.links(&home).remove(0);
    assert!(invitation.access_key.is_none());
    assert!(server.printed.contains("gets in"), "{}", server.printed);
    Client::connect(server.address, invitation.pin, None).await;
}

#[test]
fn what_is_wrong_is_said_in_both_languages() {
    let home = Home::new();
    let cases: &[(&[&str], &str)] = &[
        (&["--listen", "nowhere"], "nowhere"),
        (&["--limit", "connections=0"], "connections"),
        (&["--limit", "conections=5"], "conections"),
        (&["--config", "/no/such/file"], "/no/such/file"),
        (&["--language", "de"], "de"),
        (&["--public-address", "a b"], "a b"),
        (&["--listen", "203.0.113.77:7443"], "203.0.113.77:7443"),
    ];
    for (arguments, named) in cases {
        let (status, _, english) = home.run(arguments);
        assert!(!status.success());
        assert!(english.contains(named) && english.is_ascii_or_typographic(), "{english}");
        let russian = home.command(arguments).env("LC_ALL", "ru_RU.UTF-8").output().unwrap();
        let russian = String::from_utf8(russian.stderr).unwrap();
        assert!(russian.contains(named) && russian.contains('и'), "{russian}");
    }
    let (status, _, complaint) = home.run(&["--no-such-flag"]);
    assert!(!status.success() && complaint.contains("--no-such-flag"));
    let (status, _, complaint) =
        home.command(&["doctor"]).env("SHEPOT_NONSENSE", "1").output().map(output).unwrap();
    assert!(!status.success() && complaint.contains("nonsense"), "{complaint}");
}

fn output(output: std::process::Output) -> (ExitStatus, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status, text(output.stdout), text(output.stderr))
}

/// Text of an English sentence: no letters of another script.
trait English {
    fn is_ascii_or_typographic(&self) -> bool;
}

impl English for String {
    fn is_ascii_or_typographic(&self) -> bool {
        self.chars().all(|c| c.is_ascii() || "“”’–—…".contains(c))
    }
}

#[test]
fn ports_and_folders_that_cannot_be_used_are_named() {
    let home = Home::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (status, _, complaint) = home.run(&["--listen", &address]);
    assert!(!status.success());
    assert!(complaint.contains(&address) && complaint.contains("--listen"), "{complaint}");
    let file = home.path().join("file");
    fs::write(&file, b"x").unwrap();
    let file = file.display().to_string();
    for flag in ["--state-dir", "--log-dir"] {
        let (status, _, complaint) = home.run(&["run", "--listen", "127.0.0.1:0", flag, &file]);
        assert!(!status.success());
        assert!(complaint.contains(&file) && complaint.contains(flag), "{complaint}");
    }
    home.run(&["invite"]);
    let identity = home.state().join("identity");
    fs::write(&identity, b"damaged").unwrap();
    let (status, _, complaint) = home.run(&["invite"]);
    assert!(!status.success() && complaint.contains("damaged"), "{complaint}");
    assert_eq!(fs::read(&identity).unwrap(), b"damaged", "it is not replaced");
}

#[test]
fn doctor_looks_and_makes_nothing() {
    let home = Home::new();
    let (_, report, _) = home.run(&["doctor", "--listen", "127.0.0.1:0"]);
    assert!(report.contains("+ 127.0.0.1:0 is free."), "{report}");
    assert!(report.contains("connections = 10000"), "{report}");
    assert!(report.contains("memory cannot be dumped"), "{report}");
    assert_eq!(home.files(), BTreeSet::new());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (status, report, _) = home.run(&["doctor", "--listen", &address]);
    assert!(!status.success() && report.contains(&format!("! {address}")), "{report}");
}

/// Every file that is opened for writing, made or renamed is in the state or log folder.
#[test]
fn it_writes_nowhere_else() {
    if Command::new("strace").arg("-V").output().is_err() {
        // The comparison of trees in the other tests has to do.
        return;
    }
    let home = Home::new();
    let trace = tempfile::tempdir().unwrap();
    let file = trace.path().join("trace");
    let mut command = Command::new("strace");
    home.prepare(&mut command);
    let calls =
        "trace=openat,open,creat,rename,renameat,renameat2,mkdir,mkdirat,unlink,unlinkat,link,symlink";
    let logs = home.path().join("elsewhere");
    // As a grandchild, so that the process that we start, signal and wait for is the program itself.
    command.args(["-D", "-f", "-q", "-e", calls, "-o"]).arg(&file).arg(PROGRAM);
    command.args(["run", "--listen", "127.0.0.1:0", "--log-dir"]).arg(&logs);
    let mut server = Server::of(command.spawn().unwrap());
    server.signal("-TERM");
    wait(&mut server.child);
    let end = Instant::now() + PATIENCE;
    let pid = server.child.id().to_string();
    // The numbers are padded to a column.
    let is_end = |line: &str| line.split_whitespace().take(3).eq([pid.as_str(), "+++", "exited"]);
    let trace = loop {
        let trace = fs::read_to_string(&file).unwrap();
        if trace.lines().any(is_end) {
            break trace;
        }
        assert!(Instant::now() < end, "strace does not end");
        std::thread::sleep(Duration::from_millis(10));
    };
    let allowed = [home.state().display().to_string(), logs.display().to_string()];
    let mut written = 0;
    for line in trace.lines().filter(|line| line.contains('"') && !line.contains(" = -1 ")) {
        let reads = (line.contains("openat(") || line.contains("open("))
            && !line.contains("O_WRONLY")
            && !line.contains("O_RDWR");
        if reads {
            continue;
        }
        let path = line.split('"').nth(1).unwrap();
        assert!(allowed.iter().any(|folder| path.starts_with(folder)), "{line}");
        written += 1;
    }
    assert!(written >= 4, "the control: identity, access keys, log\n{trace}");
}
