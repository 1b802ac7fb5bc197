//! The server under measurement, in a process of its own, and what the system knows of it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::PrivatePkcs8KeyDer;
use shepot_protocol::Pin;
use shepot_relay::{Access, Configuration, Identity, Limits, Rate, Relay};

use super::{Kind, floor};

/// What begins the arguments of the child.
pub(crate) const SERVE: &str = "--serve";

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) pin: Pin,
}

impl Server {
    pub(crate) fn start(kind: Kind) -> Self {
        Self::start_with(kind.name(), None)
    }

    /// A relay whose circles, and arriving large frames, have so many MiB each.
    pub(crate) fn start_bounded(mib: usize) -> Self {
        Self::start_with(Kind::Relay.name(), Some(mib.to_string()))
    }

    fn start_with(name: &str, mib: Option<String>) -> Self {
        let program = std::env::current_exe().unwrap();
        // On one core, so that its time is not the time of cores that wait for each other.
        let pinned = Command::new("taskset").arg("-V").stdout(Stdio::null()).status().is_ok();
        let mut command = if pinned {
            let mut command = Command::new("taskset");
            command.args(["-c", "0"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let mut child = command
            .args([SERVE, name])
            .args(mib)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let (address, pin) = line.trim().split_once(' ').unwrap();
        let mut bytes = [0; 32];
        for (n, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&pin[2 * n..2 * n + 2], 16).unwrap();
        }
        Self { child, address: address.parse().unwrap(), pin: Pin(bytes) }
    }

    /// Processor time since its start.
    pub(crate) fn cpu(&self) -> Duration {
        // To the nanosecond, of the only thread that does the work; /proc/PID/stat counts in hundredths of a second.
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let nanoseconds: u64 = tasks
            .filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("schedstat")).ok())
            .map(|text| text.split(' ').next().unwrap().parse::<u64>().unwrap())
            .sum();
        Duration::from_nanos(nanoseconds)
    }

    /// Resident memory in KiB.
    pub(crate) fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The child's side: serves until it is killed, or whoever started it is gone.
pub(crate) fn serve(kind: Kind, mib: Option<usize>) {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0; 1]);
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let identity = Identity::generate().unwrap();
        match kind {
            Kind::Relay => {
                let listen = vec!["127.0.0.1:0".parse().unwrap()];
                let configuration = Configuration { listen, limits: limits(mib) };
                let relay = Relay::start(configuration, &identity, Access::Open).await.unwrap();
                announce(relay.local_addresses()[0], relay.pin());
                std::future::pending::<()>().await;
            }
            Kind::Floor => {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                let (config, pin) = floor_tls();
                announce(listener.local_addr().unwrap(), pin);
                floor::serve(listener, config).await;
            }
        }
    });
}

fn announce(address: SocketAddr, pin: Pin) {
    use std::io::Write as _;
    let pin: String = pin.0.iter().map(|byte| format!("{byte:02x}")).collect();
    println!("{address} {pin}");
    std::io::stdout().flush().unwrap();
}

/// Nobody is to be refused here.
fn limits(mib: Option<usize>) -> Limits {
    let bytes = mib.map(|mib| mib * 1024 * 1024);
    let usual = Limits::default();
    let fast = Rate { per_second: 100_000_000, burst: 1_000_000_000 };
    Limits {
        connections: 100_000,
        connections_per_address: 100_000,
        unauthenticated: 100_000,
        unauthenticated_per_address: 100_000,
        requests: fast,
        publishes: fast,
        commits: fast,
        bytes: fast,
        dead_after: Duration::from_secs(600),
        circle_bytes_in_total: bytes.unwrap_or(usual.circle_bytes_in_total),
        large_frame_bytes_in_total: bytes.unwrap_or(usual.large_frame_bytes_in_total),
        ..usual
    }
}

/// The same TLS as the relay's.
fn floor_tls() -> (Arc<rustls::ServerConfig>, Pin) {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
    let spki = rcgen::PublicKeyData::subject_public_key_info(&key);
    let pin = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &spki);
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.kx_groups = vec![rustls::crypto::aws_lc_rs::kx_group::X25519MLKEM768];
    let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    config.send_tls13_tickets = 0;
    (Arc::new(config), Pin(pin.as_ref().try_into().unwrap()))
}
