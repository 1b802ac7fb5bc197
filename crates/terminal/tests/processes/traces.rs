//! What a session leaves behind: nothing in the client's memory after it, nothing in the server's at any time, nothing
//! on any disk. Each check shows that it can find what it looks for.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use shepot_testkit::scan::{find, marker};
use shepot_testkit::{Actor, Server};

const MESSAGES: usize = 500;
/// Distinct tokens in each message: the system's allocator overwrites the head of a freed block, so that one short
/// marker would prove nothing.
const TOKENS: usize = 7;

fn token(message: usize, at: usize) -> String {
    marker(message * TOKENS + at + 1)
}

fn body(message: usize) -> String {
    (0..TOKENS).map(|at| format!("слово {} ", token(message, at))).collect::<String>().trim_end().to_owned()
}

/// Everything that a person said or is called.
fn markers() -> Vec<String> {
    let tokens = (0..MESSAGES).flat_map(|message| (0..TOKENS).map(move |at| token(message, at)));
    tokens.chain(["anna-7f3a9c21e5".to_owned(), "boris-61d0b84f77".to_owned(), ROOM.to_owned()]).collect()
}

const ROOM: &str = "room-of-5be2c90d1a44";
const ANNA: &str = "anna-7f3a9c21e5";
const BORIS: &str = "boris-61d0b84f77";

/// Looking into another process, and tracing its arguments, is for root alone: the programs forbid it to everybody
/// else, which is the point. So who is not root runs the test once more as the root of a user namespace of its own.
/// True: that was done.
fn looked_as_root_of_a_namespace(test: &str) -> bool {
    const INSIDE: &str = "TRACES_IN_NAMESPACE";
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if is_root || std::env::var_os(INSIDE).is_some() {
        return false;
    }
    let tested = Command::new("unshare")
        .args(["--user", "--map-root-user"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .status();
    assert!(
        tested.is_ok_and(|status| status.success()),
        "not proved: run this test as root, or where user namespaces are allowed"
    );
    true
}

/// Two people in a room of their own say everything.
fn converse(server: &Server) -> (Actor, Actor) {
    let mut anna = Actor::join(ANNA, &server.invitation);
    let mut boris = Actor::join(BORIS, &server.invitation);
    anna.does(&json!({"do": "make_room", "server": 1, "name": ROOM}));
    // Either may learn of it first; nobody can speak there before.
    let room = boris.wait_for("the room", |event| event["what"] == "room_made")["room"].clone();
    anna.wait_for("the room", |event| event["what"] == "room_made");
    for message in 0..MESSAGES {
        let (actor, other) = if message % 2 == 0 { (&mut anna, &mut boris) } else { (&mut boris, &mut anna) };
        let body = body(message);
        actor.does(&json!({"do": "send", "server": 1, "room": room, "body": body}));
        other.hears(&body);
    }
    anna.does(&json!({"do": "send", "server": 1, "body": "the end of it"}));
    boris.hears("the end of it");
    anna.hears("the end of it");
    (anna, boris)
}

#[test]
fn memory_keeps_nothing_of_a_session() {
    if looked_as_root_of_a_namespace("memory_keeps_nothing_of_a_session") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let (mut anna, mut boris) = converse(&server);
    let markers = markers();

    let (found, _) = find(boris.id(), &markers).unwrap();
    assert_eq!(found.len(), markers.len(), "control: a client in session knows what was said");
    let (found, looked_at) = find(server.id(), &markers).unwrap();
    assert_eq!(found, Vec::<String>::new(), "the server knows something ({looked_at} bytes looked at)");
    let argument = folder.path().join("state").display().to_string();
    let (found, _) = find(server.id(), std::slice::from_ref(&argument)).unwrap();
    assert_eq!(found, [argument], "control: what the server does know is found");

    for actor in [&mut anna, &mut boris] {
        actor.does(&json!({"do": "disconnect", "server": 1}));
        actor.wait_for("the end", |event| event["state"] == "disconnected");
        // The nick is a setting of the person's and stays with the running program; what was said does not.
        let said: Vec<String> = markers.iter().filter(|m| **m != actor.nick).cloned().collect();
        let (found, looked_at) = find(actor.id(), &said).unwrap();
        assert_eq!(found, Vec::<String>::new(), "{} ({looked_at} bytes looked at)", actor.nick);
    }
    let (found, _) = find(server.id(), &markers).unwrap();
    assert_eq!(found, Vec::<String>::new(), "the server knows something afterwards");
}

#[test]
fn no_file_is_written_but_the_servers_state_and_logs() {
    if looked_as_root_of_a_namespace("no_file_is_written_but_the_servers_state_and_logs") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let trace = |name: &str| folder.path().join(name).display().to_string();
    let tracer = |name: &str| {
        let calls = "trace=open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,\
                     symlinkat,mknod,mknodat,truncate,memfd_create";
        ["strace", "-f", "-qq", "-e", calls, "-o", &trace(name)].map(str::to_owned).to_vec()
    };
    let server = Server::start_by(&tracer("server.trace"), folder.path());
    let traced = |nick: &str, name: &str| {
        let tracer = tracer(name);
        let mut command = Command::new(&tracer[0]);
        command.args(&tracer[1..]).arg(shepot_testkit::binaries::program("shepot-terminal", "shepot-tui"));
        command.current_dir(folder.path());
        Actor::start_by(command, nick, &[])
    };
    let mut anna = traced(ANNA, "anna.trace");
    let mut boris = traced(BORIS, "boris.trace");
    anna.enter(&server.invitation);
    boris.enter(&server.invitation);
    for message in 0..20 {
        anna.says(&body(message));
        boris.hears(&body(message));
    }
    assert!(anna.quit().success());
    assert!(boris.quit().success());
    drop(server);

    for name in ["anna.trace", "boris.trace"] {
        assert_eq!(written(&folder.path().join(name)), BTreeSet::new(), "{name}");
    }
    let allowed = ["state", "logs"].map(|name| folder.path().join(name));
    let written = written(&folder.path().join("server.trace"));
    assert!(!written.is_empty(), "control: the server writes its state");
    for file in &written {
        assert!(allowed.iter().any(|folder| Path::new(file).starts_with(folder)), "the server wrote {file}");
    }
    let mut looked_at = 0;
    let mut folders = allowed.to_vec();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // A socket that was left behind holds nothing.
            let Ok(bytes) = std::fs::read(&path) else { continue };
            looked_at += 1;
            for marker in markers() {
                let found = bytes.windows(marker.len()).any(|window| window == marker.as_bytes());
                assert!(!found, "a file of the server holds {marker}");
            }
        }
    }
    assert!(looked_at > 0);
}

/// The paths of a trace that were opened for writing, made or renamed, but for devices.
fn written(trace: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(trace).unwrap();
    assert!(text.contains("libc"), "control: the trace holds calls");
    text.lines()
        .filter(|line| !line.contains("= -1 "))
        .filter(|line| {
            [
                "O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "creat(", "mkdir", "rename", "link", "mknod",
                "truncate",
            ]
            .iter()
            .any(|sign| line.contains(sign))
        })
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .filter(|path| !path.starts_with("/dev/") && !path.starts_with("/proc/"))
        .map(str::to_owned)
        .collect()
}
