//! What people wait for, with real processes over TCP: from the command to being in the circle, and from the server's
//! death to everybody talking again.
//!
//! `cargo bench -p shepot-terminal`; sizes of the circle may be given as arguments.
#![allow(clippy::disallowed_methods, reason = "measuring time is what it is for")]
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing)]

use std::time::{Duration, Instant};

use serde_json::json;
use shepot_testkit::{Actor, Server};

const JOINS: usize = 9;
/// How long the server stays away.
const OUTAGES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(10), Duration::from_secs(45)];

fn now() -> Instant {
    Instant::now()
}

fn milliseconds(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort_unstable();
    let ms = |at: usize| times[at].as_secs_f64() * 1000.0;
    (ms(times.len() / 2), ms(times.len() - 1))
}

/// From the command to being in: TCP, TLS, admission, the join, its acknowledgement. The process runs already.
fn connect_and_join(sizes: &[usize]) {
    println!("people in the circle  connect and join, median ms  slowest ms");
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let mut people = vec![Actor::join("person 0", &server.invitation)];
    for size in sizes {
        while people.len() < *size {
            people.push(Actor::join(&format!("person {}", people.len()), &server.invitation));
        }
        let times = (0..JOINS)
            .map(|n| {
                let mut late = Actor::start(&format!("late {n}"), &[]);
                late.does(&json!({"do": "set_profile", "nick": format!("late {n}")}));
                let start = now();
                late.enter(&server.invitation);
                let taken = start.elapsed();
                let nick = late.nick.clone();
                assert!(late.quit().success());
                people[0].wait_for("it to leave", |e| e["what"] == "left" && e["nick"] == nick.as_str());
                taken
            })
            .collect();
        let (median, slowest) = milliseconds(times);
        println!("{size:20}  {median:27.1}  {slowest:10.1}");
    }
}

/// From the start of the server after SIGKILL to when everybody has heard everybody.
fn death_and_return() {
    println!("\nserver away s  everybody talks again after, s");
    for outage in OUTAGES {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Server::start(folder.path());
        let mut people: Vec<Actor> =
            (0..5).map(|n| Actor::join(&format!("person {n}"), &server.invitation)).collect();
        people[0].wait_for("the last", |e| e["what"] == "joined" && e["nick"] == "person 4");
        server.kill();
        std::thread::sleep(outage);
        let start = now();
        server.restart();
        for actor in &mut people {
            let body = format!("{} is back", actor.nick);
            actor.says(&body);
        }
        let nicks: Vec<String> = people.iter().map(|actor| actor.nick.clone()).collect();
        for actor in &mut people {
            let mut open: Vec<String> = nicks.iter().map(|nick| format!("{nick} is back")).collect();
            open.retain(|body| !actor.heard().contains(body));
            while !open.is_empty() {
                let event = actor.wait_for("the rest", |event| {
                    event["event"] == "message" && event["message"]["delivery"] != "pending"
                });
                open.retain(|body| event["message"]["body"] != body.as_str());
            }
        }
        println!("{:13}  {:30.1}", outage.as_secs(), start.elapsed().as_secs_f64());
    }
}

fn main() {
    let given: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if given.is_empty() { vec![1, 5, 20] } else { given };
    connect_and_join(&sizes);
    death_and_return();
}
