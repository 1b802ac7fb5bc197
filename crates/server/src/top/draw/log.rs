//! What happened at the doors, a line each.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use shepot_console::cells::gap;
use shepot_console::theme::Ink;
use shepot_l10n::size;

use super::Look;
use crate::control::Entry;
use crate::top::board::Board;

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

fn entry_line(entry: &Entry, look: &Look<'_>) -> Line<'static> {
    let address = entry.address.map(|address| address.to_canonical().to_string()).unwrap_or_default();
    let time = look.clock.time_with_seconds(entry.at);
    let until = entry.until.map(|until| look.clock.time(until)).unwrap_or_default();
    let count = look.number(entry.count.unwrap_or_default());
    let label = match entry.label.as_deref() {
        Some("") | None => look.tr("operator-none", &[]),
        Some(label) => look.tr("top-quoted", &[("label", label)]),
    };
    let cause = entry.cause.as_deref().unwrap_or_default();
    let after = size::duration(look.l10n, Duration::from_secs(entry.after_s.unwrap_or_default()));
    let bytes = look.bytes(entry.bytes.unwrap_or_default());
    let mut values = vec![
        ("address", address),
        ("until", until),
        ("n", count),
        ("label", label),
        ("t", after),
        ("bytes", bytes),
    ];
    let mut explain = |prefix: &str| {
        let name = format!("{prefix}{cause}");
        let text = if look.l10n.has(&name) { look.tr(&name, &[]) } else { cause.to_owned() };
        values.push(("cause", text));
    };
    let (sign, ink, name) = match entry.what.as_str() {
        "admitted" => ("+", Ink::Ok, "top-ev-admitted"),
        "ended" if cause == "gone" => ("-", Ink::Faint, "top-ev-ended"),
        "ended" => {
            explain("top-end-");
            ("-", Ink::Faint, "top-ev-ended-cause")
        }
        "refused" => {
            explain("top-cause-");
            let name = if entry.until.is_some() { "top-ev-paused" } else { "top-ev-refused" };
            ("!", Ink::Danger, name)
        }
        "knocked" => ("!", Ink::Warn, "top-ev-knocked"),
        "removed" => ("·", Ink::Second, "top-ev-removed"),
        "seats_taken" => ("·", Ink::Second, "top-ev-seats-taken"),
        "banned" if entry.until.is_some() => ("×", Ink::Danger, "top-ev-banned"),
        "banned" => ("×", Ink::Danger, "top-ev-banned-stop"),
        "ban_lifted" => ("·", Ink::Second, "top-ev-lifted"),
        "issued" => ("·", Ink::Second, "top-ev-issued"),
        "revoked" => ("×", Ink::Warn, "top-ev-revoked"),
        "reconfigured" => ("·", Ink::Second, "top-ev-reconfigured"),
        _ => ("·", Ink::Second, "top-ev-started"),
    };
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Line::from(vec![
        look.span(format!(" {time}  "), Ink::Faint),
        look.bold(sign, ink),
        gap(2),
        look.span(look.tr(name, &values), Ink::Text),
    ])
}
