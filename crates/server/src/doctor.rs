//! `shepot-server doctor`: what about this machine is good for a server, and what is not.

use std::net::TcpListener;

use shepot_hygiene::posture::{Dumps, Hibernation, Posture, Swap};
use shepot_relay::StateFolder;
use shepot_words::Words;

use crate::limits::LIMITS;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::system;
use crate::terminal::say;

/// Files that are open besides connections: sockets that listen, logs, the runtime's own.
const OTHER_FILES: u64 = 64;

/// One line of the report.
struct Finding {
    good: bool,
    text: String,
}

/// Prints the report. True when nothing is wrong.
pub(crate) fn run(settings: &Settings, words: &Words) -> bool {
    let mut findings = posture(words, Posture::of_this_system());
    findings.push(files(settings, words));
    findings.push(state(settings, words));
    findings.extend(settings.listen.iter().map(|address| port(words, *address)));
    for finding in &findings {
        let mark = if finding.good { "+" } else { "!" };
        say(&format!("{mark} {}", finding.text));
    }
    say("");
    say(&words.say("server-doctor-limits", &[]));
    for limit in LIMITS {
        say(&format!("  {} = {}", limit.name, (limit.read)(&settings.limits)));
    }
    findings.iter().all(|finding| finding.good)
}

fn posture(words: &Words, posture: Posture) -> Vec<Finding> {
    let (swap_good, swap) = match posture.swap {
        Swap::Off => (true, "server-swap-off"),
        Swap::InMemory => (true, "server-swap-memory"),
        Swap::Encrypted => (true, "server-swap-encrypted"),
        Swap::Plain => (false, "server-swap-plain"),
        Swap::Unknown => (false, "server-swap-unknown"),
    };
    let (sleep_good, sleep) = match posture.hibernation {
        Hibernation::Off => (true, "server-hibernation-off"),
        Hibernation::Possible => (false, "server-hibernation-possible"),
        Hibernation::Unknown => (false, "server-hibernation-unknown"),
    };
    let (dumps_good, dumps) = match posture.dumps {
        Dumps::Forbidden => (true, "server-dumps-forbidden"),
        Dumps::Allowed => (false, "server-dumps-allowed"),
        Dumps::Unknown => (false, "server-dumps-unknown"),
    };
    let mut findings: Vec<Finding> = [(swap_good, swap), (sleep_good, sleep), (dumps_good, dumps)]
        .map(|(good, sentence)| Finding { good, text: words.say(sentence, &[]) })
        .into();
    let locked = match posture.lockable_bytes {
        Some(bytes) => words.say("server-lockable", &[("kib", &(bytes / 1024).to_string())]),
        None => words.say("server-lockable-unknown", &[]),
    };
    findings.push(Finding { good: true, text: locked });
    findings
}

fn files(settings: &Settings, words: &Words) -> Finding {
    let allowed = system::raise_file_limit();
    let connections = settings.limits.connections + settings.limits.unauthenticated;
    let needed = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHER_FILES);
    let good = allowed == 0 || allowed >= needed;
    let sentence = if good { "server-files-enough" } else { "server-files-few" };
    let values = [("allowed", &*allowed.to_string()), ("needed", &needed.to_string())];
    Finding { good, text: words.say(sentence, &values) }
}

/// Looks, and makes nothing: a state folder that is not there yet is no problem.
fn state(settings: &Settings, words: &Words) -> Finding {
    let folder = &settings.state_dir;
    let shown = folder.display().to_string();
    let nearest =
        folder.ancestors().find(|near| near.as_os_str().is_empty() || near.exists()).unwrap_or(folder);
    if !system::is_writable(nearest) {
        let values = [("folder", &*nearest.display().to_string())];
        return Finding { good: false, text: words.say("server-state-not-writable", &values) };
    }
    if !folder.exists() {
        return Finding { good: true, text: words.say("server-state-new", &[("folder", &shown)]) };
    }
    let readable = StateFolder::open(folder).and_then(|state| {
        let is_there = |name: &str| folder.join(name).exists();
        if is_there("identity") {
            state.identity()?;
        }
        if is_there("access-keys") {
            state.access_keys()?;
        }
        Ok(())
    });
    match readable {
        Err(error) => Finding { good: false, text: Problem::state(words, &error).0 },
        Ok(()) if !system::is_private(folder) => {
            Finding { good: false, text: words.say("server-state-not-private", &[("folder", &shown)]) }
        }
        Ok(()) => Finding { good: true, text: words.say("server-state-good", &[("folder", &shown)]) },
    }
}

fn port(words: &Words, address: std::net::SocketAddr) -> Finding {
    let shown = address.to_string();
    match TcpListener::bind(address) {
        Ok(_) => Finding { good: true, text: words.say("server-port-free", &[("address", &shown)]) },
        Err(error) => {
            let values = [("address", &*shown), ("error", &error.to_string())];
            Finding { good: false, text: words.say("server-port-taken", &values) }
        }
    }
}
