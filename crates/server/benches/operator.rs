//! What an operator waits for: every command, as a process of its own, while so many are connected and say that they
//! live.
//!
//! `cargo bench -p shepot-server --bench operator`. The aim is 50 ms for each.
#![allow(clippy::disallowed_methods, reason = "measuring time is what it is for")]
#![cfg(unix)]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    unused_crate_dependencies
)]

#[path = "../tests/processes/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use shepot_protocol::ClientToRelay;
use support::relay::Client;
use support::{Home, Server};
use tokio::time::MissedTickBehavior;

const CONNECTIONS: usize = 5_000;
const ROUNDS: usize = 21;

/// How often a client says that it lives.
const PING_INTERVAL: Duration = Duration::from_secs(10);

fn now() -> Instant {
    Instant::now()
}

async fn stay(mut client: Client) {
    let mut beat = tokio::time::interval(PING_INTERVAL);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        client.send(&ClientToRelay::Ping { nonce: 1 }).await;
        if client.next().await.is_none() {
            return;
        }
    }
}

/// Runs a command once for each line of arguments; prints how long it took.
fn measure(home: &Home, name: &str, arguments: impl Fn(usize) -> Vec<String>) {
    let mut times = Vec::with_capacity(ROUNDS);
    let mut bytes = 0;
    for round in 0..ROUNDS {
        let arguments = arguments(round);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let start = now();
        let (status, output, complaint) = home.run(&arguments);
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
        assert!(status.success(), "{name}: {complaint}");
        bytes = output.len();
    }
    times.sort_unstable_by(f64::total_cmp);
    println!(
        "| `{name}` | {:.1} | {:.1} | {:.1} | {bytes} |",
        times[0],
        times[ROUNDS / 2],
        times[ROUNDS - 1]
    );
}

fn main() {
    let home = Home::new();
    let server = Server::start(
        &home,
        &["--limit=connections_per_address=10000", "--limit=unauthenticated_per_address=4096"],
    );
    let invitation = server.links(&home).remove(0);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        for _ in 0..CONNECTIONS {
            let (client, _) =
                Client::connect(server.address, invitation.pin, invitation.access_key.as_ref()).await;
            tokio::spawn(stay(client));
        }
    });
    let l10n = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    println!("{CONNECTIONS} connections, {ROUNDS} times each");
    println!("| command | best, ms | median, ms | worst, ms | bytes answered |");
    println!("|---|---|---|---|---|");
    for line in ["status", "connections", "bans", "invites", "reload"] {
        measure(&home, line, |_| l10n(&format!("{line} --json")));
        measure(&home, &format!("{line}, a table"), |_| l10n(line));
    }
    measure(&home, "kick", |round| l10n(&format!("kick {} --json", round + 1)));
    measure(&home, "ban", |round| l10n(&format!("ban 198.51.100.{round} --json")));
    measure(&home, "unban", |round| l10n(&format!("unban 198.51.100.{round} --json")));
    measure(&home, "invite", |round| l10n(&format!("invite --label of-{round} --json")));
    measure(&home, "revoke", |round| l10n(&format!("revoke of-{round} --json")));
    let (_, status, _) = home.run(&["status"]);
    println!("{status}");
}
