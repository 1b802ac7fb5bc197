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
    let (sign, ink, sentence) = told(&entry.incident, look);
    Line::from(vec![
        look.span(format!(" {}  ", look.clock.time_with_seconds(entry.at)), Ink::Faint),
        look.bold(sign, ink),
        gap(2),
        look.span(sentence, Ink::Text),
    ])
}

/// What happened: a sign, its ink, a sentence.
fn told(incident: &Incident, look: &Look<'_>) -> (&'static str, Ink, String) {
    let from = |address: &IpAddr| address.to_canonical().to_string();
    let named = |label: &str| match label {
        "" => look.tr("operator-none", &[]),
        label => look.tr("top-quoted", &[("label", label)]),
    };
    let say = |name: &str, values: &[(&str, String)]| {
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        look.tr(name, &values)
    };
    let second = |sentence| ("·", Ink::Second, sentence);
    match incident {
        Incident::Started => second(look.tr("top-ev-started", &[])),
        Incident::Reconfigured => second(look.tr("top-ev-reconfigured", &[])),
        Incident::Admitted { address, .. } => {
            ("+", Ink::Ok, look.tr("top-ev-admitted", &[("address", &from(&address.ip()))]))
        }
        Incident::Ended { address, after_s, bytes, cause, .. } => {
            let after = size::duration(look.l10n, Duration::from_secs(*after_s));
            let cause = wording::end(*cause).map(|name| look.tr(name, &[]));
            let name = if cause.is_some() { "top-ev-ended-cause" } else { "top-ev-ended" };
            let values = [
                ("address", from(&address.ip())),
                ("t", after),
                ("bytes", look.bytes(*bytes)),
                ("cause", cause.unwrap_or_default()),
            ];
            ("-", Ink::Faint, say(name, &values))
        }
        Incident::Refused { address, attempt, attempts, paused_until } => {
            let name = if paused_until.is_some() { "top-ev-paused" } else { "top-ev-refused" };
            let values = [
                ("address", from(address)),
                ("cause", look.tr(wording::attempt(*attempt), &[])),
                ("n", look.number(*attempts)),
                ("until", paused_until.map(|until| look.clock.time(until)).unwrap_or_default()),
            ];
            ("!", Ink::Danger, say(name, &values))
        }
        Incident::Knocked { address, label, times, .. } => {
            let values =
                [("address", from(&address.ip())), ("label", named(label)), ("n", look.number(*times))];
            ("!", Ink::Warn, say("top-ev-knocked", &values))
        }
        Incident::Removed { address, label } => {
            let values = [("address", from(address)), ("label", named(label))];
            second(say("top-ev-removed", &values))
        }
        Incident::SeatsTaken { label, seats } => {
            let values = [("label", named(label)), ("n", look.number(*seats))];
            second(say("top-ev-seats-taken", &values))
        }
        Incident::Banned { address, until: Some(until) } => {
            let values = [("address", from(address)), ("until", look.clock.time(*until))];
            ("×", Ink::Danger, say("top-ev-banned", &values))
        }
        Incident::Banned { address, until: None } => {
            ("×", Ink::Danger, look.tr("top-ev-banned-stop", &[("address", &from(address))]))
        }
        Incident::BanLifted { address } => second(look.tr("top-ev-lifted", &[("address", &from(address))])),
        Incident::Issued { label } => second(look.tr("top-ev-issued", &[("label", &named(label))])),
        Incident::Revoked { label, connections } => {
            let values = [("label", named(label)), ("n", look.number(wide(*connections)))];
            ("×", Ink::Warn, say("top-ev-revoked", &values))
        }
    }
}
