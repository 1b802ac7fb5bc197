//! What a start costs: from the process's creation to the first accepted connection, and memory at rest after it.
//!
//! `cargo bench -p shepot-server`. Linux only: memory is what the system counts for the process.
#![allow(clippy::disallowed_methods, reason = "measuring time is what it is for")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    unused_crate_dependencies
)]

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const STARTS: usize = 21;

fn now() -> Instant {
    Instant::now()
}

fn resident_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn start_once(folder: &std::path::Path, address: SocketAddr) -> (Duration, u64) {
    let start = now();
    let mut server = Command::new(env!("CARGO_BIN_EXE_shepot-server"))
        .args(["--listen", &address.to_string(), "--state-dir"])
        .arg(folder.join("state"))
        .arg("--log-dir")
        .arg(folder.join("logs"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while TcpStream::connect(address).is_err() {
        std::thread::sleep(Duration::from_micros(200));
    }
    let accepting = start.elapsed();
    // What is done after the start is done.
    std::thread::sleep(Duration::from_secs(1));
    let resident = resident_kib(server.id());
    server.kill().unwrap();
    server.wait().unwrap();
    (accepting, resident)
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // The first start makes the identity; the others find it.
    start_once(folder.path(), address);
    let mut starts: Vec<(Duration, u64)> = (0..STARTS).map(|_| start_once(folder.path(), address)).collect();
    starts.sort_unstable();
    let ms = |at: usize| starts[at].0.as_secs_f64() * 1000.0;
    let resident = starts.iter().map(|(_, kib)| *kib).max().unwrap();
    println!(
        "start to accepting, ms: best {:.1}, median {:.1}, worst {:.1}",
        ms(0),
        ms(STARTS / 2),
        ms(STARTS - 1)
    );
    println!("resident at rest, most: {:.2} MiB", resident as f64 / 1024.0);
}
