//! What a relay costs, beside the floor, the least that any TLS server could cost for the same work.
//!
//! ```sh
//! cargo bench -p shepot-relay                # everything, a few minutes
//! cargo bench -p shepot-relay -- fanout 50   # one number of readers
//! cargo bench -p shepot-relay -- idle 5000   # memory of idle connections, and what it costs to connect them
//! cargo bench -p shepot-relay -- flood 10000 # what attempts of strangers cost in time and in memory
//! cargo bench -p shepot-relay -- strangers 2000 # memory of sockets that are not admitted, with so much sent
//! cargo bench -p shepot-relay -- hostile 8   # what members who want its memory get, of so many MiB
//! ```
//!
//! The server runs in a process of its own on one core; its processor time and memory are what the system counts for
//! it. Relay and floor take turns; the medians of the repetitions are printed, so that other work on the machine
//! meets both. Linux only.
#![allow(clippy::disallowed_methods, reason = "measuring time is what it is for")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    clippy::cast_possible_truncation,
    missing_docs,
    unused_crate_dependencies
)]

mod floor;
mod hostile;
#[path = "../../tests/sockets/support/member.rs"]
mod member;
mod process;
#[path = "../../tests/sockets/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use member::{Door, Member, let_in};
use process::{SERVE, Server};
use shepot_protocol::CircleId;
use shepot_protocol::frame::encode_frame;
use support::Client;
use tokio::task::JoinHandle;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Relay,
    Floor,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Floor => "floor",
        }
    }
}

const PAYLOAD: usize = 200;
const REPETITIONS: usize = 3;

/// How far the author may be ahead of the slowest reader: less than the log holds, so that nobody has a gap.
const WINDOW: usize = 1024;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    raise_file_limit();
    match words[..] {
        [SERVE, "relay"] => return process::serve(Kind::Relay, None),
        [SERVE, "relay", mib] => return process::serve(Kind::Relay, Some(mib.parse().unwrap())),
        [SERVE, "floor"] => return process::serve(Kind::Floor, None),
        _ => {}
    }
    if !cfg!(target_os = "linux") || !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        match words[..] {
            ["fanout", readers] => fanout(readers.parse().unwrap()).await,
            ["idle", connections] => idle(connections.parse().unwrap()).await,
            ["flood", attempts] => flood(attempts.parse().unwrap()).await,
            ["strangers", sockets] => strangers(sockets.parse().unwrap()).await,
            ["hostile", mib] => hostile::hostile(mib.parse().unwrap()).await,
            _ => {
                for readers in [2, 50, 500] {
                    fanout(readers).await;
                }
                one_at_a_time().await;
                idle(5_000).await;
                flood(10_000).await;
                strangers(2_000).await;
                hostile::hostile(8).await;
            }
        }
    });
}

fn raise_file_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let maximum = getrlimit(Resource::Nofile).maximum;
        setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Measures both in turns and prints the medians and how they compare.
async fn compare<F: Future<Output = f64>>(what: &str, unit: &str, mut measure: impl FnMut(Kind) -> F) {
    let (mut relay, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..REPETITIONS {
        floor.push(measure(Kind::Floor).await);
        relay.push(measure(Kind::Relay).await);
    }
    let (relay, floor) = (median(relay), median(floor));
    println!("{what:<44} relay {relay:8.3} {unit:<14} floor {floor:8.3}   {:4.2} times", relay / floor);
}

/// A room full of readers, and one who talks.
struct Room {
    server: Server,
    author: Author,
    readers: Vec<JoinHandle<()>>,
    read: Vec<Arc<AtomicUsize>>,
}

enum Author {
    Relay(Box<Member>),
    Floor(Box<Client>),
}

impl Author {
    async fn say(&mut self, blob: &'static [u8]) {
        match self {
            Self::Relay(member) => member.publish(blob).await,
            Self::Floor(client) => client.send_bytes(&encode_frame(blob).unwrap()).await,
        }
    }

    /// Takes the echo of what was said, so that nothing piles up.
    async fn listen(&mut self, buffer: &mut [u8]) -> usize {
        match self {
            Self::Relay(member) => member.client.count_frames(1, buffer).await,
            Self::Floor(client) => client.count_frames(PAYLOAD, buffer).await,
        }
    }
}

impl Room {
    async fn fill(kind: Kind, readers: usize) -> Self {
        let server = Server::start(kind);
        let mut room = match kind {
            Kind::Relay => Self::fill_relay(server, readers).await,
            Kind::Floor => Self::fill_floor(server, readers).await,
        };
        // Once around, so that everybody is where the measuring begins.
        room.talk(64, WINDOW).await;
        room
    }

    async fn fill_relay(server: Server, readers: usize) -> Self {
        let door = Door { address: server.address, pin: server.pin, key: None };
        let mut ann = Member::found(door.connect().await, CircleId([1; 16]), 1).await;
        let counting = Arc::new(AtomicBool::new(false));
        let (mut tasks, mut read) = (Vec::new(), Vec::new());
        for seat in 0..readers {
            let mut member = let_in(&mut ann, door.connect().await, 2 + seat as u64).await;
            let (count, counting) = (Arc::new(AtomicUsize::new(0)), counting.clone());
            read.push(count.clone());
            tasks.push(tokio::spawn(async move {
                // A member like any other until the talking begins; then nothing but a counter.
                while !counting.load(Ordering::Relaxed) {
                    member.serve().await;
                }
                count.fetch_add(member.heard.len(), Ordering::Relaxed);
                count_forever(member.client, &count).await;
            }));
        }
        // Everybody is woken once by this word and sees that counting begins.
        counting.store(true, Ordering::Relaxed);
        ann.publish(&[0; PAYLOAD][..]).await;
        while read.iter().any(|count| count.load(Ordering::Relaxed) == 0) {
            tokio::select! {
                _ = ann.serve() => {}
                () = tokio::time::sleep(Duration::from_millis(1)) => {}
            }
        }
        Self { server, author: Author::Relay(Box::new(ann)), readers: tasks, read }
    }

    async fn fill_floor(server: Server, readers: usize) -> Self {
        let dial = async || {
            let mut client = Client::dial(server.address, server.pin).await.unwrap();
            assert_eq!(client.count_frames(1, &mut [0; 64]).await, 1);
            client
        };
        let author = dial().await;
        let (mut tasks, mut read) = (Vec::new(), Vec::new());
        for _ in 0..readers {
            let (client, count) = (dial().await, Arc::new(AtomicUsize::new(0)));
            read.push(count.clone());
            tasks.push(tokio::spawn(async move { count_forever(client, &count).await }));
        }
        Self { server, author: Author::Floor(Box::new(author)), readers: tasks, read }
    }

    fn slowest(&self) -> usize {
        self.read.iter().map(|count| count.load(Ordering::Relaxed)).min().unwrap_or_default()
    }

    /// Says so many messages, at most `window` ahead of the slowest reader; gives the server's processor time.
    async fn talk(&mut self, messages: usize, window: usize) -> Duration {
        static BLOB: [u8; PAYLOAD] = [7; PAYLOAD];
        let mut buffer = vec![0; 64 * 1024];
        let (before, begin) = (self.slowest(), self.server.cpu());
        let mut said = 0;
        while self.slowest() < before + messages {
            if said < messages && said < self.slowest() - before + window {
                self.author.say(&BLOB).await;
                said += 1;
                continue;
            }
            tokio::select! {
                _ = self.author.listen(&mut buffer) => {}
                () = tokio::time::sleep(Duration::from_micros(200)) => {}
            }
        }
        self.server.cpu() - begin
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        for reader in &self.readers {
            reader.abort();
        }
    }
}

async fn count_forever(mut client: Client, count: &AtomicUsize) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        count.fetch_add(client.count_frames(PAYLOAD, &mut buffer).await, Ordering::Relaxed);
    }
}

/// Processor time of the server for each message that arrives at each reader.
async fn fanout(readers: usize) {
    let messages = (4_000_000 / (readers + 8)).clamp(4_000, 400_000);
    compare(&format!("{readers} readers, as fast as they read"), "us/delivery", async |kind| {
        let mut room = Room::fill(kind, readers).await;
        let time = room.talk(messages, WINDOW).await;
        time.as_secs_f64() * 1e6 / (messages * readers) as f64
    })
    .await;
}

async fn one_at_a_time() {
    let (readers, messages) = (50, 1_000);
    compare("50 readers, one message at a time", "us/delivery", async |kind| {
        let mut room = Room::fill(kind, readers).await;
        let time = room.talk(messages, 1).await;
        time.as_secs_f64() * 1e6 / (messages * readers) as f64
    })
    .await;
}

/// Memory of connections that do nothing, and processor time to connect them.
async fn idle(connections: usize) {
    for kind in [Kind::Floor, Kind::Relay] {
        let server = Server::start(kind);
        // The first few pay for what all share.
        let mut clients = connect(kind, &server, 50).await;
        let (memory, time, begin) = (server.resident(), server.cpu(), Instant::now());
        clients.extend(connect(kind, &server, connections).await);
        let (elapsed, cpu) = (begin.elapsed(), server.cpu() - time);
        let each = (server.resident() - memory) as f64 / connections as f64;
        println!(
            "{:<6} {connections} idle connections: {each:6.2} KiB each; to connect: {:6.3} ms of the server each; \
             {:.1} s in all; at the start {:.1} MiB",
            kind.name(),
            cpu.as_secs_f64() * 1e3 / connections as f64,
            elapsed.as_secs_f64(),
            memory as f64 / 1024.0,
        );
        if kind == Kind::Relay {
            let before = server.resident();
            let mut buffer = [0; 64];
            let ping = shepot_protocol::ClientToRelay::Ping { nonce: 1 };
            for client in &mut clients {
                client.send(&ping).await;
                client.count_frames(1, &mut buffer).await;
            }
            let after = server.resident() as f64 - before as f64;
            println!("       after a ping of each: {:+.2} KiB each", after / connections as f64);
        }
    }
}

async fn greet(address: std::net::SocketAddr) {
    use tokio::io::AsyncWriteExt as _;
    let Ok(mut stream) = tokio::net::TcpStream::connect(address).await else { return };
    // Closed by the other side already, perhaps.
    let _ = stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await;
}

/// Strangers that connect, say something that is no greeting and go: the server's time for each, and its memory after
/// all.
async fn flood(attempts: usize) {
    const AT_ONCE: usize = 50;
    let grown = std::cell::RefCell::new(Vec::new());
    compare(&format!("{attempts} strangers, {AT_ONCE} at once"), "us/attempt", async |kind| {
        let server = Server::start(kind);
        let address = server.address;
        let round = async || {
            let greetings: Vec<_> = (0..AT_ONCE).map(|_| tokio::spawn(greet(address))).collect();
            for greet in greetings {
                greet.await.unwrap();
            }
        };
        // The first pay for what all share.
        round().await;
        let (memory, time) = (server.resident(), server.cpu());
        for _ in 0..attempts / AT_ONCE {
            round().await;
        }
        let cpu = server.cpu() - time;
        grown.borrow_mut().push((kind, server.resident().saturating_sub(memory)));
        cpu.as_secs_f64() * 1e6 / attempts as f64
    })
    .await;
    for kind in [Kind::Floor, Kind::Relay] {
        let grown = grown.borrow();
        let kib = grown.iter().filter(|(of, _)| *of == kind).map(|(_, kib)| *kib as f64).collect();
        println!("{:<6} grew by {:.0} KiB (median)", kind.name(), median(kib));
    }
}

/// Sockets that say the beginning of a TLS record, and wait: memory of the server for each, before they are closed.
async fn strangers(sockets: usize) {
    use tokio::io::AsyncWriteExt as _;
    for sent in [0_u16, 4_000, 16_000] {
        let server = Server::start(Kind::Relay);
        let before = server.resident();
        let mut waiting = Vec::with_capacity(sockets);
        for _ in 0..sockets {
            let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
            if sent > 0 {
                let [high, low] = 16_384_u16.to_be_bytes();
                let record = [&[22, 3, 1, high, low][..], &vec![1; usize::from(sent) - 5]].concat();
                // It may be too much already: then it is closed.
                let _ = stream.write_all(&record).await;
            }
            waiting.push(stream);
        }
        // Until it has read what was sent: it does nothing then.
        let mut worked = server.cpu();
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = server.cpu();
            if now - worked < Duration::from_millis(1) {
                break;
            }
            worked = now;
        }
        let each = server.resident().saturating_sub(before) as f64 / sockets as f64;
        println!("{sockets} strangers who have sent {sent:>6} bytes: {each:6.2} KiB each");
    }
}

async fn connect(kind: Kind, server: &Server, connections: usize) -> Vec<Client> {
    let mut clients = Vec::with_capacity(connections);
    for _ in 0..connections {
        clients.push(match kind {
            Kind::Relay => Client::connect(server.address, server.pin, None).await.0,
            Kind::Floor => {
                let mut client = Client::dial(server.address, server.pin).await.unwrap();
                client.count_frames(1, &mut [0; 64]).await;
                client
            }
        });
    }
    clients
}
