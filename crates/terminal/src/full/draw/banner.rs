//! The banner about the connection, and the toast about what just happened. Both are shown in full, up to a bound of
//! lines.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use shepot_console::cells::{Piece, gap, wrap};
use shepot_console::theme::{Ink, Paper};
use shepot_view::banner::{self, Kind, Remedy};
use shepot_view::command::Command;

use crate::full::hits::Target;
use crate::full::keys::short;
use crate::full::program::Program;

/// The most lines of a banner or a toast.
const MOST_LINES: usize = 8;

/// The command or key that does what the banner offers. `None` if it offers nothing.
fn written(remedy: Remedy) -> Option<String> {
    match remedy {
        Remedy::Nothing => None,
        Remedy::Connect => Some("/connect".into()),
        Remedy::Cancel => Some("/leave".into()),
        Remedy::CheckCode => Command::SafetyCode.terminal_chord().map(short),
        Remedy::NewInvitation => Some("/join".into()),
        Remedy::ShowHeld => Some("/held".into()),
    }
}

/// The banner of the open server, with what it offers.
pub(super) fn pieces(program: &Program) -> Vec<Piece> {
    let Some(server) = program.shown() else { return Vec::new() };
    let left = program.seconds_left(server.id);
    let Some(banner) = banner::of(&program.l10n, server, left) else { return Vec::new() };
    let ink = match banner.kind {
        Kind::Info => Ink::Second,
        Kind::Warning => Ink::Warn,
        Kind::Good => Ink::Ok,
        Kind::Danger => Ink::Danger,
    };
    let mut pieces = Vec::new();
    for (text, style) in [(banner.title, program.theme.bold(ink)), (banner.text, program.ink(ink))] {
        if !text.is_empty() {
            pieces.push(Piece::new(format!("{} ", program.shown_text(&text)), style));
        }
    }
    if let Some(key) = written(banner.remedy) {
        pieces.push(Piece::new(key, program.theme.bold(Ink::Accent)));
        pieces.push(Piece::new(format!(" {}", banner.action), program.ink(Ink::Second)));
    }
    pieces
}

/// The banner above the messages. If there are none, it stands in their place.
pub(super) fn lines(program: &Program, columns: u16) -> Vec<Line<'static>> {
    if !program.shown().is_some_and(shepot_view::desk::Server::shows_conversation) {
        return Vec::new();
    }
    let pieces = pieces(program);
    if pieces.is_empty() {
        return Vec::new();
    }
    let mut lines = wrap(&pieces, usize::from(columns).saturating_sub(2).max(8));
    lines.truncate(MOST_LINES);
    for line in &mut lines {
        line.spans.insert(0, gap(1));
    }
    lines
}

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, program: &mut Program) {
    if area.height == 0 {
        return;
    }
    frame.buffer_mut().set_style(area, program.theme.paper(Paper::Raised));
    for (line, place) in lines(program, area.width).into_iter().zip(area.rows()) {
        frame.render_widget(line, place);
    }
    if program.remedy() != Remedy::Nothing {
        program.hit(area, Target::Remedy);
    }
}

/// The lines of the toast.
pub(super) fn toast(program: &Program, columns: u16) -> Vec<Line<'static>> {
    let Some(toast) = &program.toast else { return Vec::new() };
    let (sign, ink) = if toast.is_problem() { ("!", Ink::Warn) } else { ("·", Ink::Accent) };
    let cells = usize::from(columns).saturating_sub(4).max(8);
    let mut lines = wrap(&[Piece::new(program.shown_text(&toast.text), program.ink(Ink::Text))], cells);
    lines.truncate(MOST_LINES);
    for (at, line) in lines.iter_mut().enumerate() {
        let before = if at == 0 { program.bold(format!(" {sign} "), ink) } else { gap(3) };
        line.spans.insert(0, before);
    }
    lines
}
