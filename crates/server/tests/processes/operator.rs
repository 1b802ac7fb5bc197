//! What an operator does with the running program, by its commands: real processes, a real socket, real connections.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use crate::support::relay::{Client, PATIENCE};
use crate::support::{Home, Server, links, wait};
use serde_json::Value;
use shepot_protocol::message::{NoticeKind, Refusal, RefusalCause};
use shepot_protocol::version::SUPPORTED;
use shepot_protocol::{AccessKey, ClientToRelay, Invitation, RelayToClient};

/// Runs a command that has to succeed, and reads its answer.
pub(crate) fn json(home: &Home, arguments: &[&str]) -> Value {
    let (status, output, complaint) = home.run(&[arguments, &["--json"]].concat());
    assert!(status.success(), "{arguments:?}: {complaint}");
    serde_json::from_str(&output).unwrap()
}

/// Runs a command that has to be refused: the answer, and the sentence.
fn refused(home: &Home, arguments: &[&str]) -> (Value, String) {
    let (status, output, complaint) = home.run(&[arguments, &["--json"]].concat());
    assert!(!status.success(), "{arguments:?}: {output}");
    (serde_json::from_str(&output).unwrap(), complaint)
}

pub(crate) async fn enter(server: &Server, invitation: &Invitation) -> Client {
    let mut client = Client::connect(server.address, invitation.pin, invitation.access_key.as_ref()).await.0;
    // As every client does: from then on its use of the invitation counts.
    client.send(&ClientToRelay::Ping { nonce: 1 }).await;
    assert_eq!(client.next().await, Some(RelayToClient::Pong { nonce: 1 }));
    client
}

async fn greet(server: &Server, invitation: &Invitation) -> Option<RelayToClient> {
    Client::greet(server.address, invitation.pin, invitation.access_key.as_ref(), SUPPORTED).await.1
}

pub(crate) fn is_refused(answer: Option<&RelayToClient>, why: RefusalCause) -> bool {
    matches!(answer, Some(RelayToClient::Refused(Refusal { cause, closing: true, .. })) if *cause == why)
}

pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The running server may write nowhere else, on a kernel that can see to it.
#[track_caller]
#[allow(clippy::print_stdout, reason = "says what was not tried")]
fn assert_confined(told: &Value) {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let numbers: Vec<u32> = release.split(['.', '-']).map_while(|part| part.parse().ok()).take(2).collect();
    if cfg!(target_os = "linux") && numbers >= vec![5, 13] && told == "none" {
        // Possible where it was left out of the kernel; never where the kernel names it.
        let modules = fs::read_to_string("/sys/kernel/security/lsm").unwrap_or_default();
        assert!(!modules.contains("landlock"), "{modules}");
        println!("NOT TRIED: this kernel ({}) has no Landlock", release.trim());
        return;
    }
    assert!(told == "full" || told == "partial", "{told}");
}

#[tokio::test]
async fn an_operator_sees_and_ends_connections() {
    let home = Home::new();
    let server = Server::start(&home, &["--public-address", "203.0.113.5"]);
    let invitation = server.links(&home).remove(0);
    let mut first = enter(&server, &invitation).await;
    let mut second = enter(&server, &invitation).await;
    first.send(&ClientToRelay::Ping { nonce: 3 }).await;
    assert_eq!(first.next().await, Some(RelayToClient::Pong { nonce: 3 }));
    let status = &json(&home, &["status"])["status"];
    assert_eq!((&status["connections"], &status["admitted"]), (&2.into(), &2.into()));
    assert_eq!(status["process"], server.child.id());
    assert_confined(&status["confinement"]);
    assert_eq!(status["public_address"], format!("203.0.113.5:{}", server.address.port()));
    assert!(status["memory_bytes"].as_u64().unwrap() > 0, "told where the system tells it");
    let connections = json(&home, &["connections"])["connections"].clone();
    let list = connections.as_array().unwrap();
    assert_eq!(list.len(), 2);
    assert!(list.iter().all(|one| one["address"].as_str().unwrap().starts_with("127.0.0.1:")));
    assert!(list[0]["bytes_in"].as_u64().unwrap() > 0 && list[0]["bytes_out"].as_u64().unwrap() > 0);
    let number = list[0]["connection"].to_string();
    assert_eq!(json(&home, &["kick", &number])["kicked"][0], list[0]["connection"]);
    let told = Some(RelayToClient::Notice(NoticeKind::DisconnectedByOperator));
    assert_eq!(first.next().await, told);
    // It is there until the last words are taken.
    until("it is gone", || !home.run(&["kick", &number]).0.success());
    let (answer, sentence) = refused(&home, &["kick", &number]);
    assert_eq!(answer["refused"]["error"], "no_such_connection");
    assert!(sentence.contains(&number) && sentence.contains("connections"), "{sentence}");
    json(&home, &["kick", "127.0.0.1"]);
    assert_eq!(second.next().await, told);
    until("nobody is here", || json(&home, &["connections"])["connections"] == Value::Array(Vec::new()));
    // The same for people, in both languages.
    let _third = enter(&server, &invitation).await;
    let (_, table, _) = home.run(&["connections"]);
    assert!(table.starts_with("No.") && table.contains("127.0.0.1:") && table.contains("Active"), "{table}");
    let (_, table, _) = home.run(&["connections", "--language", "ru"]);
    assert!(table.starts_with('№') && table.contains("Активно"), "{table}");
    let (_, report, _) = home.run(&["status"]);
    assert!(report.contains("1 of 10,000") && report.contains("203.0.113.5"), "{report}");
    // What a terminal would obey is nobody's name, and nothing is printed that it would obey.
    let (answer, _) = refused(&home, &["invite", "--label", "a\u{1b}[31m"]);
    assert_eq!(answer["refused"]["error"], "wrong_name");
    let (answer, sentence) = refused(&home, &["kick", "\u{1b}]0;x\u{9b}31m"]);
    assert_eq!(answer["refused"]["typed"], "\u{1b}]0;x\u{9b}31m");
    assert!(!sentence.trim_end().contains(char::is_control), "{sentence:?}");
    assert!(!home.run(&["top", "--json"]).0.success());
    // And nobody else may ask.
    let socket = home.state().join("run/control");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&socket), mode(socket.parent().unwrap())), (0o600, 0o700));
    server.stop("-TERM");
    assert!(!socket.exists());
}

#[tokio::test]
async fn a_ban_holds_until_it_is_lifted() {
    let home = Home::new();
    let server = Server::start(&home, &[]);
    let invitation = server.links(&home).remove(0);
    let mut member = enter(&server, &invitation).await;
    let ban = &json(&home, &["ban", "127.0.0.1"])["banned"];
    assert!(ban["until"].is_null());
    assert!(is_refused(member.next().await.as_ref(), RefusalCause::Banned));
    assert!(is_refused(greet(&server, &invitation).await.as_ref(), RefusalCause::Banned));
    let bans = &json(&home, &["bans"])["bans"]["bans"];
    assert_eq!((&bans[0]["address"], &bans[0]["attempts"]), (&"127.0.0.1".into(), &1.into()));
    let (_, table, _) = home.run(&["bans"]);
    assert!(table.contains("127.0.0.1") && table.contains("the server stops"), "{table}");
    json(&home, &["unban", "127.0.0.1"]);
    enter(&server, &invitation).await;
    assert_eq!(refused(&home, &["unban", "127.0.0.1"]).0["refused"]["error"], "not_banned");
    let ban = &json(&home, &["ban", "127.0.0.1", "--for", "1h"])["banned"];
    assert_eq!(ban["until"].as_u64().unwrap() - ban["since"].as_u64().unwrap(), 3_600);
    assert!(is_refused(greet(&server, &invitation).await.as_ref(), RefusalCause::Banned));
    let (_, table, _) = home.run(&["bans"]);
    assert!(table.contains("127.0.0.1") && !table.contains("the server stops"), "{table}");
    json(&home, &["unban", "127.0.0.1"]);
    enter(&server, &invitation).await;
    assert_eq!(refused(&home, &["ban", "localhost"]).0["refused"]["error"], "not_an_address");
    let (status, _, complaint) = home.run(&["ban", "192.0.2.1", "--for", "soon"]);
    assert!(!status.success() && complaint.contains("soon") && complaint.contains("7d"), "{complaint}");
}

#[tokio::test]
async fn invitations_are_made_counted_and_revoked_and_outlive_a_restart() {
    let home = Home::new();
    // Without a server.
    let made = &json(&home, &["invite", "--label", "table", "--uses", "2", "--expires", "1h"])["invited"];
    let table: Invitation = made["link"].as_str().unwrap().parse().unwrap();
    assert_eq!(table.expires_at, made["key"]["expires"].as_u64());
    let server = Server::start(&home, &[]);
    let standing = server.links(&home).remove(0);
    // With one.
    let door = &json(&home, &["invite", "--label", "door", "--owner"])["invited"];
    let door_link: Invitation = door["link"].as_str().unwrap().parse().unwrap();
    let owner: Invitation = door["owner_link"].as_str().unwrap().parse().unwrap();
    assert_eq!((&owner.access_key, owner.owner_seed.is_some()), (&door_link.access_key, true));
    let plain: Invitation = json(&home, &["invite"])["invited"]["link"].as_str().unwrap().parse().unwrap();
    assert_eq!(plain.access_key, standing.access_key, "nothing was asked for: the key that there is");
    let reach = |link: &Invitation| Invitation { address: standing.address.clone(), ..link.clone() };
    let (table, door_link) = (reach(&table), reach(&door_link));
    let _first = enter(&server, &table).await;
    let _second = enter(&server, &table).await;
    assert!(is_refused(greet(&server, &table).await.as_ref(), RefusalCause::InvitationUsedUp));
    let mut by_the_door = enter(&server, &door_link).await;
    let mut stays = enter(&server, &standing).await;
    let invites = json(&home, &["invites"])["invites"].clone();
    let find =
        |label: &str| invites.as_array().unwrap().iter().find(|key| key["label"] == label).cloned().unwrap();
    let of_table = find("table");
    assert_eq!((&of_table["uses"], &of_table["connections"]), (&2.into(), &2.into()));
    assert_eq!((&of_table["good"], &find("door")["good"]), (&false.into(), &true.into()));
    let (_, shown, _) = home.run(&["invites"]);
    assert!(shown.contains("table") && shown.contains("2 of 2"), "{shown}");
    assert_eq!(json(&home, &["revoke", "door"])["revoked"]["connections"], 1);
    assert!(is_refused(by_the_door.next().await.as_ref(), RefusalCause::InvitationRevoked));
    assert_eq!(greet(&server, &door_link).await, None, "a stranger from now on");
    stays.send(&ClientToRelay::Ping { nonce: 1 }).await;
    assert_eq!(stays.next().await, Some(RelayToClient::Pong { nonce: 1 }));
    let (answer, sentence) = refused(&home, &["revoke", "door"]);
    assert_eq!(answer["refused"]["error"], "no_such_invitation");
    assert!(sentence.contains("door") && sentence.contains("invites"), "{sentence}");
    server.stop("-TERM");
    // The next run knows what was used and what was revoked.
    let server = Server::start(&home, &[]);
    assert!(is_refused(greet(&server, &table).await.as_ref(), RefusalCause::InvitationUsedUp));
    assert_eq!(greet(&server, &door_link).await, None);
    enter(&server, &standing).await;
    let id = of_table["id"].as_str().unwrap();
    json(&home, &["revoke", &id[..8]]);
    assert_eq!(greet(&server, &table).await, None);
    server.stop("-TERM");
    assert_eq!(json(&home, &["invites"])["invites"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn settings_are_read_again_and_what_needs_a_restart_says_so() {
    let home = Home::new();
    let file = home.path().join("server.toml");
    let write = |text: &str| fs::write(&file, text).unwrap();
    write("[limits]\nconnections = 1\n");
    let path = file.display().to_string();
    let server = Server::start(&home, &["--config", &path]);
    let invitation = server.links(&home).remove(0);
    let _first = enter(&server, &invitation).await;
    assert!(is_refused(greet(&server, &invitation).await.as_ref(), RefusalCause::RelayFull));
    write("log_dir = \"/var/elsewhere\"\n[limits]\nconnections = 2\n");
    let reloaded = &json(&home, &["reload"])["reloaded"];
    let changed = &reloaded["changed"][0];
    assert_eq!(
        (&changed["setting"], &changed["before"], &changed["now"]),
        (&"limits.connections".into(), &"1".into(), &"2".into())
    );
    assert_eq!(reloaded["need_restart"][0]["setting"], "log_dir");
    let _second = enter(&server, &invitation).await;
    let (_, told, _) = home.run(&["reload"]);
    assert!(told.contains("log_dir") && told.contains("next start"), "it is still so: {told}");
    // A mistake changes nothing, and is named.
    write("[limits]\nconnections = 0\n");
    let (answer, sentence) = refused(&home, &["reload"]);
    assert_eq!(answer["refused"]["error"], "settings");
    assert!(sentence.contains("connections") && sentence.contains("Nothing was changed"), "{sentence}");
    assert!(is_refused(greet(&server, &invitation).await.as_ref(), RefusalCause::RelayFull));
    // The signal does the same.
    write("[limits]\nconnections = 3\n");
    server.signal("-HUP");
    until("the limit is another", || json(&home, &["status"])["status"]["connections_limit"] == 3);
    let _third = enter(&server, &invitation).await;
    // Who may come in can change as well.
    write("open = true\n");
    json(&home, &["reload"]);
    Client::connect(server.address, invitation.pin, None).await;
    assert_eq!(refused(&home, &["invite", "--label", "x"]).0["refused"]["error"], "open");
    write("");
    json(&home, &["reload"]);
    assert_eq!(Client::greet(server.address, invitation.pin, None, SUPPORTED).await.1, None);
    enter(&server, &invitation).await;
}

#[tokio::test]
async fn it_stops_when_told_and_says_when_it_does_not_run() {
    let home = Home::new();
    let (status, _, complaint) = home.run(&["status"]);
    assert!(!status.success() && complaint.contains("run/control"), "{complaint}");
    let mut server = Server::start(&home, &[]);
    let invitation = server.links(&home).remove(0);
    let mut member = enter(&server, &invitation).await;
    let (status, _, complaint) = home.run(&["run", "--listen", "127.0.0.1:0"]);
    assert!(!status.success() && complaint.contains("--control-socket"), "{complaint}");
    json(&home, &["stop"]);
    assert_eq!(member.next().await, Some(RelayToClient::Notice(NoticeKind::ShuttingDown)));
    assert!(wait(&mut server.child).success());
    // One that was killed leaves its socket behind, and that is no hindrance.
    let server = Server::start(&home, &[]);
    server.signal("-KILL");
    drop(server);
    assert!(home.state().join("run/control").exists());
    let (status, _, _) = home.run(&["status"]);
    assert!(!status.success());
    Server::start(&home, &[]).stop("-TERM");
}

#[tokio::test]
async fn garbage_at_the_control_socket_is_refused_and_costs_nothing() {
    let home = Home::new();
    let _server = Server::start(&home, &[]);
    let connect = || std::os::unix::net::UnixStream::connect(home.state().join("run/control")).unwrap();
    for garbage in [&b"\n"[..], b"{}\n", b"\xff\xfe\n", b"{\"do\":\"nothing\"}\n", b"{\"do\":\"kick\"}\n"] {
        let mut stream = connect();
        stream.write_all(garbage).unwrap();
        let mut answer = vec![0; 4_096];
        let length = stream.read(&mut answer).unwrap();
        let answer: Value = serde_json::from_slice(&answer[..length]).unwrap();
        assert_eq!(answer["refused"]["error"], "bad_request");
    }
    let mut endless = connect();
    endless.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    while endless.write_all(&[b'x'; 65_536]).is_ok() {}
    json(&home, &["status"]);
}

fn fetch(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test]
async fn figures_are_given_on_this_machine_alone_and_name_nobody() {
    let home = Home::new();
    for elsewhere in ["0.0.0.0:0", "192.0.2.1:9464", "9464"] {
        let (status, _, complaint) = home.run(&["run", "--metrics", elsewhere]);
        assert!(!status.success() && complaint.contains("127.0.0.1:9464"), "{complaint}");
    }
    let server = Server::start(&home, &["--metrics", "127.0.0.1:0"]);
    let invitation = server.links(&home).remove(0);
    let status = &json(&home, &["status"])["status"];
    let address: SocketAddr = status["metrics"].as_str().unwrap().parse().unwrap();
    let _member = enter(&server, &invitation).await;
    let wrong = Invitation { access_key: Some(AccessKey::new([9; 32])), ..invitation };
    assert_eq!(greet(&server, &wrong).await, None);
    let answer = fetch(address, "/metrics");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("openmetrics-text"), "{answer}");
    for line in [
        "shepot_connections 1",
        "shepot_admitted_total 1",
        "shepot_refused_total{cause=\"wrong_proof\"} 1",
        "shepot_refused_total{cause=\"banned\"} 0",
        "shepot_delivery_latency_seconds_bucket{le=\"+Inf\"} 0",
        "# EOF",
    ] {
        assert!(answer.lines().any(|found| found == line), "{line}\n{answer}");
    }
    assert!(answer.contains("shepot_memory_bytes ") && !answer.contains("127.0.0.1"), "{answer}");
    assert!(fetch(address, "/").starts_with("HTTP/1.1 404"));
    server.stop("-TERM");
    // Off unless it is asked for.
    let _server = Server::start(&home, &[]);
    assert!(json(&home, &["status"])["status"]["metrics"].is_null());
}

#[tokio::test]
async fn doctor_reaches_the_server_that_runs() {
    let home = Home::new();
    let server = Server::start(&home, &[]);
    let told: Value = serde_json::from_str(&home.run(&["doctor", "--json"]).1).unwrap();
    assert!(
        told["findings"].as_array().unwrap().len() > 8 && told["limits"]["connections"] == 10_000,
        "{told}"
    );
    let (_, report, _) = home.run(&["doctor"]);
    assert!(report.contains(&format!("+ {} answers", server.address)), "{report}");
    assert!(report.contains(&format!("process {}", server.child.id())), "{report}");
    assert!(report.contains("lock the server down") && report.contains("clock"), "{report}");
    assert!(links(&report).is_empty());
}

#[tokio::test]
async fn a_state_folder_belongs_to_one_server_and_no_file_is_taken_for_a_socket() {
    let home = Home::new();
    let server = Server::start(&home, &[]);
    // Where the server is looked for at the wrong place, nothing is written behind its back.
    for command in ["invite", "invites"] {
        let (status, _, complaint) = home.run(&[command, "--control-socket", "elsewhere"]);
        assert!(!status.success() && complaint.contains("elsewhere"), "{complaint}");
    }
    let (status, _, complaint) =
        home.run(&["run", "--listen", "127.0.0.1:0", "--control-socket", "elsewhere"]);
    assert!(!status.success() && complaint.contains("--control-socket"), "{complaint}");
    server.stop("-TERM");
    let identity = home.state().join("identity");
    let before = fs::read(&identity).unwrap();
    let (status, _, complaint) =
        home.run(&["run", "--listen", "127.0.0.1:0", "--control-socket", identity.to_str().unwrap()]);
    assert!(!status.success() && complaint.contains("is a file"), "{complaint}");
    assert_eq!(fs::read(&identity).unwrap(), before);
}

#[test]
fn an_invitation_in_a_terminal_has_its_code_in_its_colours() {
    let home = Home::new();
    let terminal = home.terminal(&["invite"], (120, 60));
    terminal.sees("shepot://");
    terminal.sees("▄");
    assert!(!terminal.shown().contains("[30"), "{}", terminal.shown());
}

#[tokio::test]
async fn the_dashboard_shows_and_steers_the_server_in_a_real_terminal() {
    let home = Home::new();
    let (status, _, complaint) = home.run(&["top"]);
    assert!(!status.success() && complaint.contains("run/control"), "{complaint}");
    let address = shepot_testkit::server::address_to_restart();
    let run = || home.command(&["run", "--listen", &address]).spawn().unwrap();
    let server = Server::of(run());
    let invitation = server.links(&home).remove(0);
    let mut dashboard = home.terminal(&["top"], (120, 60));
    dashboard.sees("Nobody is connected");
    let mut member = enter(&server, &invitation).await;
    dashboard.sees("no. 1: 127.0.0.1 connected");
    dashboard.sees("● Active");
    dashboard.types("i");
    dashboard.sees("A new circle: nobody is in it yet.");
    dashboard.sees("/invite");
    dashboard.sees("█");
    dashboard.types("c");
    dashboard.sees("Asked the terminal to copy it.");
    // Alone, it is one text that begins at the edge, however many lines it takes.
    dashboard.types("t");
    dashboard.sees("Any key goes back.");
    let alone = dashboard.shown();
    assert!(alone.starts_with("shepot://") && !alone.contains('│') && !alone.contains("Circle"), "{alone}");
    dashboard.types(" ");
    dashboard.sees("A new circle");
    dashboard.types("\u{1b}");
    dashboard.until("the invitation is gone", |shown| !shown.contains("shepot://"));
    dashboard.types("d");
    dashboard.sees("Disconnect no. 1, 127.0.0.1?");
    dashboard.types("y");
    assert_eq!(member.next().await, Some(RelayToClient::Notice(NoticeKind::DisconnectedByOperator)));
    drop(member);
    dashboard.sees("2 Active 0");
    let mut member = enter(&server, &invitation).await;
    dashboard.sees("2 Active 1");
    dashboard.types("b");
    dashboard.sees("until the server stops");
    dashboard.types("2");
    assert!(is_refused(member.next().await.as_ref(), RefusalCause::Banned));
    dashboard.sees("× Banned");
    dashboard.types("4u");
    dashboard.sees("may connect again");
    // The server goes and comes again: the dashboard waits for it.
    server.stop("-TERM");
    dashboard.sees("does not answer");
    let server = Server::of(run());
    dashboard.until("it is there again", |shown| !shown.contains("does not answer"));
    dashboard.types("q");
    assert!(dashboard.ends());
    assert!(!dashboard.shown().contains("127.0.0.1"), "nothing is left: {}", dashboard.shown());
    // It only looked on.
    enter(&server, &invitation).await;
}
