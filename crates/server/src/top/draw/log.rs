//! What happened at the doors, a line each.

use std::net::IpAddr;
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use shepot_console::cells::gap;
use shepot_console::theme::Ink;
use shepot_l10n::size;
use shepot_relay::operator::{Incident, JournalEntry};

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
    let (sign, ink, name, values) = told(&entry.incident, look);
    let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Line::from(vec![
        look.span(format!(" {}  ", look.clock.time_with_seconds(entry.at)), Ink::Faint),
        look.bold(sign, ink),
        gap(2),
        look.span(look.tr(name, &values), Ink::Text),
    ])
}

/// What happened: a sign, its ink, a sentence and what stands in it.
type Told = (&'static str, Ink, &'static str, Vec<(&'static str, String)>);

fn told(incident: &Incident, look: &Look<'_>) -> Told {
    let at = |address: &IpAddr| ("address", address.to_canonical().to_string());
    let n = |number: u64| ("n", look.number(number));
    let until = |until: Option<u64>| ("until", until.map(|at| look.clock.time(at)).unwrap_or_default());
    let label = |label: &str| match label {
        "" => ("label", look.tr("operator-none", &[])),
        label => ("label", look.tr("top-quoted", &[("label", label)])),
    };
    match incident {
        Incident::Started => ("·", Ink::Second, "top-ev-started", vec![]),
        Incident::Reconfigured => ("·", Ink::Second, "top-ev-reconfigured", vec![]),
        Incident::Admitted { address, .. } => ("+", Ink::Ok, "top-ev-admitted", vec![at(&address.ip())]),
        Incident::Ended { address, after_s, bytes, cause, .. } => {
            let after = ("t", size::duration(look.l10n, Duration::from_secs(*after_s)));
            let mut values = vec![at(&address.ip()), after, ("bytes", look.bytes(*bytes))];
            let Some(cause) = wording::end(*cause) else {
                return ("-", Ink::Faint, "top-ev-ended", values);
            };
            values.push(("cause", look.tr(cause, &[])));
            ("-", Ink::Faint, "top-ev-ended-cause", values)
        }
        Incident::Refused { address, attempt, attempts, paused_until } => {
            let name = if paused_until.is_some() { "top-ev-paused" } else { "top-ev-refused" };
            let cause = ("cause", look.tr(wording::attempt(*attempt), &[]));
            ("!", Ink::Danger, name, vec![at(address), cause, n(*attempts), until(*paused_until)])
        }
        Incident::Knocked { address, label: name, times, .. } => {
            ("!", Ink::Warn, "top-ev-knocked", vec![at(&address.ip()), label(name), n(*times)])
        }
        Incident::Removed { address, label: name } => {
            ("·", Ink::Second, "top-ev-removed", vec![at(address), label(name)])
        }
        Incident::SeatsTaken { label: name, seats } => {
            ("·", Ink::Second, "top-ev-seats-taken", vec![label(name), n(*seats)])
        }
        Incident::Banned { address, until: end } => {
            let name = if end.is_some() { "top-ev-banned" } else { "top-ev-banned-stop" };
            ("×", Ink::Danger, name, vec![at(address), until(*end)])
        }
        Incident::BanLifted { address } => ("·", Ink::Second, "top-ev-lifted", vec![at(address)]),
        Incident::Issued { label: name } => ("·", Ink::Second, "top-ev-issued", vec![label(name)]),
        Incident::Revoked { label: name, connections } => {
            ("×", Ink::Warn, "top-ev-revoked", vec![label(name), n(wide(*connections))])
        }
    }
}
