//! The commands for a running server. Their answers are printed for people, or as JSON for programs.

use std::collections::BTreeMap;
use std::time::Duration;

use shepot_l10n::clock::WallClock;
use shepot_l10n::{L10n, size};
use shepot_relay::IDLE;

use crate::arguments::Ask;
use crate::control::{Answer, Ban, Connection, Key, Pause, Reloaded, Request, Status, Wish};
use crate::invite;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::terminal::{self, say};
use crate::wording;

/// The longest time that is accepted, in seconds: a hundred years.
const LONGEST_SECONDS: u64 = 100 * 365 * 24 * 60 * 60;

/// The request of a command.
fn request(l10n: &L10n, ask: Ask) -> Result<Request, Problem> {
    let seconds = |time: Option<String>| time.map(|typed| duration(l10n, &typed)).transpose();
    Ok(match ask {
        Ask::Status => Request::Status,
        Ask::Connections => Request::Connections,
        Ask::Kick { who } => Request::Kick { who },
        Ask::Ban { address, lasting } => Request::Ban { address, seconds: seconds(lasting)? },
        Ask::Unban { address } => Request::Unban { address },
        Ask::Bans => Request::Bans,
        // Whether the owner's link is wanted is no business of the server's.
        Ask::Invite { owner: _, label, expires, uses } => {
            Request::Invite(Wish { label, seconds: seconds(expires)?, uses })
        }
        Ask::Invites => Request::Invites,
        Ask::Revoke { invitation } => Request::Revoke { invitation },
        Ask::Reload => Request::Reload,
        Ask::Stop => Request::Stop,
    })
}

fn duration(l10n: &L10n, typed: &str) -> Result<u64, Problem> {
    let is_meant = |time: &Duration| (1..=LONGEST_SECONDS).contains(&time.as_secs());
    let time = humantime::parse_duration(typed.trim()).ok().filter(is_meant);
    time.map(|time| time.as_secs())
        .ok_or_else(|| Problem::new(l10n.tr("operator-wrong-time", &[("typed", typed)])))
}

/// Sends the request and prints the answer. `now`: seconds since 1970.
pub(crate) fn run(settings: &Settings, l10n: &L10n, ask: Ask, json: bool, now: u64) -> Result<(), Problem> {
    let wants_owner_link = matches!(ask, Ask::Invite { owner: true, .. });
    let answer = invite::ask(settings, l10n, &request(l10n, ask)?, now)?;
    if let Answer::Invited(server) = &answer {
        let invitation = invite::to_new_circle(server, wants_owner_link)
            .map_err(|refusal| Problem::refused(l10n, &refusal))?;
        return if json {
            say_json(l10n, &BTreeMap::from([("invited", &invitation)]))
        } else {
            invite::print(settings, l10n, &invitation);
            Ok(())
        };
    }
    if json {
        say_json(l10n, &answer)?;
    }
    if let Answer::Refused(refusal) = &answer {
        return Err(Problem::refused(l10n, refusal));
    }
    if !json {
        Printer { l10n, clock: WallClock::of_system(true), now }.print(&answer);
    }
    Ok(())
}

fn say_json(l10n: &L10n, value: &impl serde::Serialize) -> Result<(), Problem> {
    say(&terminal::json(value).map_err(|error| Problem::cannot_start(l10n, &error))?);
    Ok(())
}

struct Printer<'a> {
    l10n: &'a L10n,
    clock: WallClock,
    /// Seconds since 1970.
    now: u64,
}

impl Printer<'_> {
    fn tr(&self, name: &str) -> String {
        self.l10n.tr(name, &[])
    }

    /// The date and the time.
    fn at(&self, seconds: u64) -> String {
        let time = self.clock.time(seconds);
        if self.clock.day(seconds) == self.clock.day(self.now) {
            return time;
        }
        format!("{} {time}", self.clock.date(self.l10n, seconds))
    }

    fn print(&self, answer: &Answer) {
        match answer {
            Answer::Status(status) => self.status(status),
            Answer::Connections(connections) => self.connections(connections),
            Answer::Kicked(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                say(&self.l10n.tr("operator-kicked", &[("connections", &numbers.join(", "))]));
            }
            Answer::Banned(ban) => self.banned(ban),
            Answer::Unbanned { address } => {
                say(&self.l10n.tr("operator-unbanned", &[("address", &address.to_string())]));
            }
            Answer::Bans { bans, pauses } => self.bans(bans, pauses),
            Answer::Invites(keys) => self.invites(keys),
            Answer::Revoked(revoked) => {
                let name = if revoked.label.is_empty() { &revoked.id } else { &revoked.label };
                let connections = revoked.connections.to_string();
                let values = [("name", name.as_str()), ("connections", &connections)];
                say(&self.l10n.tr("operator-revoked", &values));
            }
            Answer::Reloaded(reloaded) => self.reloaded(reloaded),
            Answer::Stopping => say(&self.tr("operator-stopping")),
            // The dashboard's; and what was refused, and invitations, are told elsewhere.
            Answer::Watched(_) | Answer::Refused(_) | Answer::Invited(_) => {}
        }
    }

    fn status(&self, status: &Status) {
        let l10n = self.l10n;
        let number = |number: u64| size::number(l10n.language(), number);
        let of = |n: String, most: String| l10n.tr("operator-of", &[("n", &n), ("most", &most)]);
        let listening: Vec<String> = status.listening.iter().map(ToString::to_string).collect();
        let refused: Vec<String> = status
            .refused
            .by_cause()
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(attempt, count)| format!("{} {}", self.tr(wording::attempt(attempt)), number(count)))
            .collect();
        let log = l10n.tr(
            "operator-log-value",
            &[
                ("entries", &number(status.log_entries)),
                ("bytes", &size::bytes(l10n, status.circle_bytes)),
                ("most", &size::bytes(l10n, status.circle_bytes_limit)),
            ],
        );
        let metrics = status.metrics.map_or_else(|| self.tr("operator-off"), |address| address.to_string());
        let entry = if status.open { "operator-entry-open" } else { "operator-entry-invitation" };
        let traffic =
            format!("{}, {}", size::bytes(l10n, status.bytes_in), size::bytes(l10n, status.bytes_out));
        let lines = [
            ("operator-version", status.version.clone()),
            ("operator-uptime", size::duration(l10n, Duration::from_secs(status.uptime_s))),
            ("operator-listening", listening.join(", ")),
            ("operator-public", status.public_address.clone()),
            ("operator-pin", status.pin.get(..16).unwrap_or_default().to_owned()),
            ("operator-entry", self.tr(entry)),
            ("operator-connections", of(number(status.connections), number(status.connections_limit))),
            ("operator-waiting", number(status.unauthenticated)),
            ("operator-circles", number(status.circles)),
            ("operator-log", log),
            ("operator-messages", number(status.published)),
            ("operator-traffic", traffic),
            ("operator-refused", if refused.is_empty() { number(0) } else { refused.join(", ") }),
            ("operator-memory", size::bytes(l10n, status.memory_bytes)),
            ("operator-bans", format!("{}, {}", number(status.bans), number(status.pauses))),
            ("operator-invitations", number(status.invitations)),
            ("operator-confinement", self.tr(wording::confinement(status.confinement))),
            ("operator-metrics", metrics),
        ];
        let rows = lines.map(|(name, value)| vec![self.tr(name), value]);
        print_table(&rows);
    }

    fn connections(&self, connections: &[Connection]) {
        if connections.is_empty() {
            return say(&self.tr("operator-nobody"));
        }
        let l10n = self.l10n;
        let mut rows = vec![self.head(&[
            "number",
            "since",
            "address",
            "circles",
            "in",
            "out",
            "state",
            "refused",
            "invitation",
        ])];
        rows.extend(connections.iter().map(|connection| {
            vec![
                connection.connection.to_string(),
                self.at(connection.since),
                connection.address.to_string(),
                connection.circles.to_string(),
                size::bytes(l10n, connection.bytes_in),
                size::bytes(l10n, connection.bytes_out),
                state(l10n, connection.idle_s),
                connection.refused.to_string(),
                self.or_none(&connection.invitation),
            ]
        }));
        print_table(&rows);
    }

    fn banned(&self, ban: &Ban) {
        let address = ban.address.to_string();
        say(&match ban.until {
            Some(until) => {
                self.l10n.tr("operator-banned", &[("address", &address), ("until", &self.at(until))])
            }
            None => self.l10n.tr("operator-banned-for-good", &[("address", &address)]),
        });
    }

    fn bans(&self, bans: &[Ban], pauses: &[Pause]) {
        if bans.is_empty() && pauses.is_empty() {
            return say(&self.tr("operator-no-bans"));
        }
        let mut rows = vec![self.head(&["kind", "address", "since", "until", "attempts"])];
        rows.extend(bans.iter().map(|ban| {
            vec![
                self.tr("operator-ban"),
                ban.address.to_string(),
                self.at(ban.since),
                ban.until.map_or_else(|| self.tr("operator-until-stop"), |until| self.at(until)),
                ban.attempts.to_string(),
            ]
        }));
        rows.extend(pauses.iter().map(|pause| {
            vec![
                self.tr("operator-pause"),
                pause.address.to_string(),
                self.tr("operator-none"),
                pause.until.map_or_else(String::new, |until| self.at(until)),
                pause.attempts.to_string(),
            ]
        }));
        print_table(&rows);
    }

    fn invites(&self, keys: &[Key]) {
        if keys.is_empty() {
            return say(&self.tr("operator-no-invitations"));
        }
        let mut rows = vec![self.head(&["id", "name", "made", "ends", "uses", "here", "good"])];
        rows.extend(keys.iter().map(|key| {
            let uses = match key.most_uses {
                Some(most) => {
                    self.l10n.tr("operator-of", &[("n", &key.uses.to_string()), ("most", &most.to_string())])
                }
                None => self.tr("operator-none"),
            };
            vec![
                key.id.clone(),
                self.or_none(&key.label),
                self.at(key.issued),
                key.expires.map_or_else(|| self.tr("operator-none"), |end| self.at(end)),
                uses,
                key.connections.to_string(),
                self.tr(if key.good { "operator-yes" } else { "operator-no" }),
            ]
        }));
        print_table(&rows);
    }

    fn reloaded(&self, reloaded: &Reloaded) {
        if reloaded.changed.is_empty() && reloaded.need_restart.is_empty() {
            return say(&self.tr("operator-reloaded-nothing"));
        }
        let lists =
            [("operator-changed", &reloaded.changed), ("operator-needs-restart", &reloaded.need_restart)];
        for (sentence, changes) in lists {
            for change in changes {
                let shown = |value: &str| self.or_none(value);
                let values = [
                    ("setting", change.setting.as_str()),
                    ("before", &shown(&change.before)),
                    ("now", &shown(&change.now)),
                ];
                say(&self.l10n.tr(sentence, &values));
            }
        }
    }

    fn or_none(&self, text: &str) -> String {
        if text.is_empty() { self.tr("operator-none") } else { text.to_owned() }
    }

    fn head(&self, names: &[&str]) -> Vec<String> {
        names.iter().map(|name| self.tr(&format!("operator-head-{name}"))).collect()
    }
}

/// What a connection is doing, in words.
pub(crate) fn state(l10n: &L10n, idle_s: u64) -> String {
    if idle_s < IDLE.as_secs() {
        return l10n.tr("operator-active", &[]);
    }
    l10n.tr("operator-idle", &[("t", &size::duration(l10n, Duration::from_secs(idle_s)))])
}

/// Prints rows with columns as wide as their widest cell.
fn print_table(rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            let missing = width.saturating_sub(cell.chars().count()) + 2;
            line.extend(std::iter::repeat_n(' ', missing));
        }
        say(line.trim_end());
    }
}
