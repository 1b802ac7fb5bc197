//! Figures for Prometheus, at a port that only this machine can reach. Off by default.
//!
//! Must never: reveal an address, a circle, or anything that distinguishes one member from another.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric as _, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use shepot_relay::{BUCKETS_MS, RelayHandle, Statistics};
use tokio::sync::Semaphore;

use crate::system;

/// The content type of answers.
const FORMAT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How many connections may be open at once.
const MOST_CONNECTIONS: usize = 8;

/// How long a request may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long accepting pauses after the system refused.
const ACCEPT_REST: Duration = Duration::from_millis(50);

/// The figures of one moment.
#[derive(Debug)]
struct Figures {
    statistics: Statistics,
    limit: usize,
    memory: u64,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Cause {
    cause: &'static str,
}

fn signed(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

impl Collector for Figures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let statistics = &self.statistics;
        let gauges = [
            ("connections", "Admitted connections.", signed(statistics.connections.len())),
            ("connections_limit", "Connections that may be admitted.", signed(self.limit)),
            ("unauthenticated", "Sockets that are not admitted yet.", signed(statistics.unauthenticated)),
            ("circles", "Circles.", signed(statistics.circles)),
            ("log_entries", "Entries of all logs.", signed(statistics.log_entries)),
            ("circle_bytes", "Bytes of all circles.", signed(statistics.circle_bytes)),
            ("memory_bytes", "Resident memory of the process.", signed(self.memory)),
            ("uptime_seconds", "How long the server runs.", signed(statistics.uptime.as_secs())),
        ];
        for (name, help, value) in gauges {
            let metric = ConstGauge::new(value);
            metric.encode(encoder.encode_descriptor(&name_of(name), help, None, metric.metric_type())?)?;
        }
        let counters = [
            ("accepted", "Sockets accepted.", statistics.accepted),
            ("admitted", "Connections admitted.", statistics.admitted),
            ("messages", "Messages relayed.", statistics.published),
            ("received_bytes", "Bytes from admitted connections.", statistics.bytes_in),
            ("sent_bytes", "Bytes to admitted connections.", statistics.bytes_out),
        ];
        for (name, help, value) in counters {
            let metric = ConstCounter::new(value);
            metric.encode(encoder.encode_descriptor(&name_of(name), help, None, metric.metric_type())?)?;
        }
        let help = "Sockets that were not admitted.";
        let name = name_of("refused");
        let mut refused = encoder.encode_descriptor(&name, help, None, MetricType::Counter)?;
        for (attempt, count) in statistics.refused.by_cause() {
            let cause = attempt.name();
            ConstCounter::new(count).encode(refused.encode_family(&Cause { cause })?)?;
        }
        let help = "How long the first entry of a batch waited to be given to a socket.";
        let name = name_of("delivery_latency_seconds");
        let mut latency = encoder.encode_descriptor(&name, help, None, MetricType::Histogram)?;
        let delivery = &statistics.delivery;
        let ends = BUCKETS_MS.iter().map(|end| Duration::from_millis(*end).as_secs_f64());
        let buckets: Vec<(f64, u64)> = ends.chain([f64::INFINITY]).zip(delivery.counts).collect();
        latency.encode_histogram::<NoLabelSet>(delivery.sum.as_secs_f64(), delivery.count(), &buckets, None)
    }
}

fn name_of(name: &str) -> String {
    format!("shepot_{name}")
}

fn text(relay: &RelayHandle) -> Result<String, fmt::Error> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Figures {
        statistics: relay.statistics(),
        limit: relay.limits().connections,
        memory: system::resident_bytes(),
    }));
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry)?;
    Ok(text)
}

/// Opens the socket, before anything is served.
pub(crate) fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = std::net::TcpListener::bind(address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Answers for as long as it is polled.
#[allow(clippy::disallowed_methods, reason = "rests when the system has no more to give")]
pub(crate) async fn serve(socket: std::net::TcpListener, relay: Arc<RelayHandle>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(socket)?;
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        // Never closed.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return Ok(()) };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_REST).await;
            continue;
        };
        let relay = Arc::clone(&relay);
        tokio::spawn(async move {
            let service = hyper::service::service_fn(|request| {
                let relay = Arc::clone(&relay);
                async move { Ok::<_, std::convert::Infallible>(answer(&request, relay).await) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(PATIENCE)
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service);
            // Whoever asked is gone.
            let _ = connection.await;
            drop(place);
        });
    }
}

async fn answer(request: &Request<Incoming>, relay: Arc<RelayHandle>) -> Response<Full<Bytes>> {
    if request.uri().path() != "/metrics" {
        return plain(StatusCode::NOT_FOUND);
    }
    if request.method() != Method::GET {
        return plain(StatusCode::METHOD_NOT_ALLOWED);
    }
    // It counts thousands: not in a thread that serves connections.
    match tokio::task::spawn_blocking(move || text(&relay)).await {
        Ok(Ok(text)) => {
            let mut response = Response::new(Full::new(Bytes::from(text)));
            response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(FORMAT));
            response
        }
        Ok(Err(_)) | Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = status;
    response
}
