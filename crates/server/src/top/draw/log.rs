//! The journal, one line for each entry.

use std::net::IpAddr;
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use shepot_console::cells::gap;
use shepot_console::theme::Ink;
use shepot_l10n::size;
use shepot_relay::Attempt;
use shepot_relay::operator::{EndCause, Incident, JournalEntry};

use super::Look;
use crate::limits::wide;
use crate::top::board::Board;
use crate::wording;

pub(super) fn draw_log_below(frame: &mut Frame<'_>, area: Rect, board: &Board, look: &Look<'_>) {
    if area.height == 0 {
        return;
    }
    let title = Line::from(vec![gap(1), look.bold(look.tr("top-events", &[]), Ink::Second), gap(1)]);
    let block = look.boxed(title);
    let inside = block.inner(area);
    frame.render_widget(block, area);
    draw_log(frame, inside, board, look, 0);
}

pub(super) fn draw_log(frame: &mut Frame<'_>, area: Rect, board: &Board, look: &Look<'_>, back: usize) {
    let lines = board.entries.iter().rev().skip(back).take(usize::from(area.height));
    for (line, place) in lines.map(|entry| entry_line(entry, look)).zip(area.rows()) {
        frame.render_widget(line, place);
    }
}

fn entry_line(entry: &JournalEntry, look: &Look<'_>) -> Line<'static> {
    let (sign, ink, sentence) = told(&entry.incident, look);
    Line::from(vec![
        look.span(format!(" {}  ", look.clock.time_with_seconds(entry.at)), Ink::Faint),
        look.bold(sign, ink),
        gap(2),
        look.span(sentence, Ink::Text),
    ])
}

/// An incident as a sign, the sign's ink and a sentence.
fn told(incident: &Incident, look: &Look<'_>) -> (&'static str, Ink, String) {
    let at = |address: &IpAddr| address.to_canonical().to_string();
    let named = |label: &str| match label {
        "" => look.tr("top-no-name", &[]),
        label => look.tr("top-quoted", &[("label", label)]),
    };
    let second = |sentence| ("·", Ink::Second, sentence);
    match incident {
        Incident::Started => second(look.tr("top-ev-started", &[])),
        Incident::Reconfigured => second(look.tr("top-ev-reconfigured", &[])),
        Incident::Admitted { connection, address } => {
            let (number, address) = (connection.0.to_string(), at(&address.ip()));
            ("+", Ink::Ok, look.tr("top-ev-admitted", &[("number", &number), ("address", &address)]))
        }
        Incident::Ended { connection, address, after_s, bytes, cause } => {
            let values = (connection.0.to_string(), at(&address.ip()), look.bytes(*bytes));
            ("-", Ink::Faint, ended(&values, *after_s, *cause, look))
        }
        Incident::Refused { address, cause, attempts, paused_until } => {
            ("!", Ink::Danger, refused(&at(address), *cause, *attempts, *paused_until, look))
        }
        Incident::Knocked { address, label, times, .. } => {
            let (address, label, n) = (at(&address.ip()), named(label), look.number(*times));
            let sentence = look.tr("top-ev-knocked", &[("address", &address), ("label", &label), ("n", &n)]);
            ("!", Ink::Warn, sentence)
        }
        Incident::Removed { address: Some(address), label } => {
            second(look.tr("top-ev-removed", &[("address", &at(address)), ("label", &named(label))]))
        }
        Incident::Removed { address: None, label } => {
            second(look.tr("top-ev-removed-shared", &[("label", &named(label))]))
        }
        Incident::SeatsTaken { label, seats } => {
            second(look.tr("top-ev-seats-taken", &[("label", &named(label)), ("n", &look.number(*seats))]))
        }
        Incident::Banned { address, until: Some(until) } => {
            let (address, until) = (at(address), look.clock.time(*until));
            ("×", Ink::Danger, look.tr("top-ev-banned", &[("address", &address), ("until", &until)]))
        }
        Incident::Banned { address, until: None } => {
            ("×", Ink::Danger, look.tr("top-ev-banned-stop", &[("address", &at(address))]))
        }
        Incident::BanLifted { address } => second(look.tr("top-ev-lifted", &[("address", &at(address))])),
        Incident::Issued { label } => second(look.tr("top-ev-issued", &[("label", &named(label))])),
        Incident::Revoked { label, connections } => {
            let n = look.number(wide(*connections));
            ("×", Ink::Warn, look.tr("top-ev-revoked", &[("label", &named(label)), ("n", &n)]))
        }
    }
}

fn ended(
    (number, address, bytes): &(String, String, String),
    after_s: u64,
    cause: EndCause,
    look: &Look<'_>,
) -> String {
    let after = size::duration(look.l10n, Duration::from_secs(after_s));
    let Some(cause) = wording::end(cause) else {
        let values = [("number", &**number), ("address", address), ("t", &after), ("bytes", bytes)];
        return look.tr("top-ev-ended", &values);
    };
    let why = look.tr(cause, &[]);
    let values =
        [("number", &**number), ("address", address), ("t", &after), ("bytes", bytes), ("cause", &why)];
    look.tr("top-ev-ended-cause", &values)
}

fn refused(from: &str, cause: Attempt, attempts: u64, paused_until: Option<u64>, look: &Look<'_>) -> String {
    let (cause, n) = (look.tr(wording::attempt(cause), &[]), look.number(attempts));
    match paused_until.map(|until| look.clock.time(until)) {
        Some(until) => {
            look.tr("top-ev-paused", &[("address", from), ("cause", &cause), ("n", &n), ("until", &until)])
        }
        None => look.tr("top-ev-refused", &[("address", from), ("cause", &cause), ("n", &n)]),
    }
}
