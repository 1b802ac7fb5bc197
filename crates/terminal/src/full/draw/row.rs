//! One row of messages as lines.

use std::time::Duration;

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use shepot_client::model::{Delivery, Message, MessageId};
use shepot_console::cells::{Leading, Piece, Wrapped, cut, gap, line_width, width, wrap, wrap_leading};
use shepot_console::hyperlink::WebAddress;
use shepot_console::theme::Ink;
use shepot_view::command::Command;
use shepot_view::desk::{EventIcon, Row, RowAction, RowKind, Server};
use shepot_view::link;
use shepot_view::markdown::{self, Block};
use shepot_view::{mood, people, size};

use crate::full::hits::Target;
use crate::full::keys::short;
use crate::full::program::Program;

/// The most characters of a quoted message.
const QUOTED: usize = 120;

/// The cells before what people say, since only the program's own text begins where a line begins.
const INDENT: usize = 2;

/// A line with its targets for the mouse: first cell, number of cells, target.
pub(super) struct RowLine {
    pub(super) line: Line<'static>,
    pub(super) targets: Vec<(usize, usize, Target)>,
    /// Cells that the terminal opens in a browser.
    pub(super) leading: Vec<Leading>,
    /// The message that it belongs to. `None` for other rows.
    pub(super) message: Option<MessageId>,
}

impl RowLine {
    fn new(line: Line<'static>, message: Option<MessageId>) -> Self {
        Self { line, targets: Vec::new(), leading: Vec::new(), message }
    }

    /// The same line, moved to the right.
    fn indented(mut self, by: usize) -> Self {
        self.line.spans.insert(0, gap(by));
        self.targets.iter_mut().for_each(|(from, ..)| *from += by);
        self.leading.iter_mut().for_each(|part| part.from += by);
        self
    }
}

/// The lines of a row in so many cells. `at`: its position among the rows.
pub(super) fn lines(program: &Program, row: &Row, at: usize, cells: usize) -> Vec<RowLine> {
    let plain = |line| RowLine::new(line, None);
    match &row.kind {
        RowKind::Message { id, begins_group } => {
            let Some(server) = program.shown() else { return Vec::new() };
            let Some(message) = server.timeline().get(id) else { return Vec::new() };
            message_lines(program, server, message, *begins_group, at, cells)
        }
        RowKind::Day { text } => vec![plain(Line::default()), plain(ruled(program, text, Ink::Faint, cells))],
        RowKind::New => {
            let text = program.tr("ui-new-msgs", &[]);
            vec![plain(Line::default()), plain(ruled(program, &text, Ink::Accent, cells))]
        }
        RowKind::Event { icon, text, action } => event_lines(program, *icon, text, *action, cells),
        RowKind::Gap { text } => {
            let mut lines = vec![plain(Line::default())];
            let pieces = [Piece::new(format!("! {text}"), program.ink(Ink::Warn))];
            lines.extend(wrap(&pieces, cells).into_iter().map(plain));
            lines
        }
    }
}

/// A text between two rules.
fn ruled(program: &Program, text: &str, ink: Ink, cells: usize) -> Line<'static> {
    let text = cut(&program.shown_text(text), cells.saturating_sub(6));
    let rule = program.sign("──", "--");
    Line::from(vec![
        program.span(format!("{rule} "), Ink::Line),
        program.span(text, ink),
        program.span(format!(" {rule}"), Ink::Line),
    ])
}

fn event_lines(
    program: &Program,
    icon: EventIcon,
    text: &str,
    action: RowAction,
    cells: usize,
) -> Vec<RowLine> {
    let ink = if icon == EventIcon::Warning { Ink::Warn } else { Ink::Faint };
    let (command, name) = match action {
        RowAction::None => (None, ""),
        RowAction::CheckCode => (Some(Command::SafetyCode), "ui-ev-check"),
        RowAction::Invite => (Some(Command::Invite), "ui-invite"),
    };
    let offer = command
        .and_then(Command::terminal_chord)
        .map(|chord| format!("{} {}", short(chord), program.tr(name, &[])));
    let text = program.shown_text(text);
    let rule = program.sign("──", "--");
    let whole = width(&text) + offer.as_ref().map_or(0, |offer| width(offer) + 3) + 6;
    let mut lines = vec![RowLine::new(Line::default(), None)];
    if whole <= cells {
        let mut spans = vec![program.span(format!("{rule} "), Ink::Line), program.span(&text, ink)];
        let mut targets = Vec::new();
        if let Some(offer) = offer {
            spans.push(program.span(" · ", Ink::Faint));
            let from = spans.iter().map(|span| width(&span.content)).sum();
            targets.push((from, width(&offer), Target::RowAction(action)));
            spans.push(program.span(offer, Ink::Accent));
        }
        spans.push(program.span(format!(" {rule}"), Ink::Line));
        lines.push(RowLine { targets, ..RowLine::new(Line::from(spans), None) });
        return lines;
    }
    let before = width(rule) + 1;
    let mut pieces = vec![Piece::new(text, program.ink(ink))];
    if let Some(offer) = offer {
        pieces.push(Piece::new(" · ", program.ink(Ink::Faint)));
        pieces.push(Piece::new(offer, program.ink(Ink::Accent)));
    }
    lines.extend(wrap(&pieces, cells.saturating_sub(before)).into_iter().enumerate().map(|(at, line)| {
        let first = program.span(format!("{rule} "), Ink::Line);
        let line = with_before(if at == 0 { first } else { gap(before) }, line);
        let all = line_width(&line);
        RowLine { targets: vec![(0, all, Target::RowAction(action))], ..RowLine::new(line, None) }
    }));
    lines
}

fn message_lines(
    program: &Program,
    server: &Server,
    message: &Message,
    begins: bool,
    at: usize,
    cells: usize,
) -> Vec<RowLine> {
    let mine = |line| RowLine::new(line, Some(message.id));
    let mut lines = Vec::new();
    if begins {
        if at > 0 {
            lines.push(RowLine::new(Line::default(), None));
        }
        lines.push(mine(head_line(program, server, message)));
    }
    if let Some(quoted) = message.reply_to.filter(|_| !message.is_deleted) {
        lines.push(mine(quote_line(program, server, &quoted, cells)));
    }
    let said = said_lines(program, server, message, cells.saturating_sub(INDENT));
    lines.extend(said.into_iter().map(|line| line.indented(INDENT)));
    if !message.is_deleted {
        lines.extend(reaction_lines(program, server, message, cells));
    }
    lines
}

/// The lines of a message's body.
fn said_lines(program: &Program, server: &Server, message: &Message, cells: usize) -> Vec<RowLine> {
    let mine = |line| RowLine::new(line, Some(message.id));
    let mut lines = Vec::new();
    if message.is_deleted {
        let text = program.tr("ui-deleted", &[]);
        lines.push(mine(Line::from(program.span(text, Ink::Faint))));
        return lines;
    }
    let body = body_lines(program, server, message, cells);
    lines.extend(body.into_iter().map(|one| RowLine { leading: one.leading, ..mine(one.line) }));
    let tail = tail(program, message);
    if !tail.is_empty() {
        let fits = lines.last().map_or(usize::MAX, |last| line_width(&last.line))
            + line_width(&Line::from(tail.clone()))
            < cells;
        match lines.last_mut().filter(|_| fits) {
            Some(last) => last.line.spans.extend(tail),
            None => {
                let pieces: Vec<Piece> =
                    tail.into_iter().map(|span| Piece::new(&*span.content, span.style)).collect();
                lines.extend(wrap(&pieces, cells).into_iter().map(mine));
            }
        }
    }
    lines
}

/// The line with time and nick.
fn head_line(program: &Program, server: &Server, message: &Message) -> Line<'static> {
    let ink = Ink::Person(server.colour_of(&message.author));
    let mut spans = vec![
        program.span(format!("{} ", program.clock.time(message.at)), Ink::Faint),
        program.bold(&message.nick, ink),
    ];
    if let Some(mood) = message.mood.and_then(mood::emoji) {
        spans.push(program.span(format!(" {mood}"), Ink::Text));
    }
    if let Some(mark) = server.mark_of(&message.author, &message.nick) {
        spans.push(program.span(program.sign(" ■", " #"), ink));
        spans.push(program.span(format!(" ·{mark}"), Ink::Faint));
    }
    if server.is_own(message) {
        spans.push(program.span(format!(" · {}", program.tr("ui-you", &[])), Ink::Faint));
    }
    if message.mentions_self {
        spans.push(program.bold(" @", Ink::Accent));
    }
    Line::from(spans)
}

fn quote_line(program: &Program, server: &Server, id: &MessageId, cells: usize) -> Line<'static> {
    let bar = program.sign("▎ ", "| ");
    let Some(quoted) = server.timeline().get(id) else {
        let gone = program.tr("ui-reply-gone", &[]);
        return Line::from(program.span(cut(&format!("{bar}{gone}"), cells), Ink::Faint));
    };
    let ink = Ink::Person(server.colour_of(&quoted.author));
    let text = if quoted.is_deleted {
        program.tr("ui-deleted", &[])
    } else {
        markdown::plain(&quoted.body).chars().take(QUOTED).collect()
    };
    let name = people::in_a_sentence(&program.l10n, &quoted.nick, &quoted.author, &server.people);
    let name = format!("{name}: ");
    let room = cells.saturating_sub(width(bar) + width(&name));
    let text = cut(&program.shown_text(&text), room);
    Line::from(vec![program.span(bar, ink), program.span(name, ink), program.span(text, Ink::Faint)])
}

fn body_lines(program: &Program, server: &Server, message: &Message, cells: usize) -> Vec<Wrapped> {
    let names = people::mentionables(&server.people);
    let mut lines = Vec::new();
    for block in markdown::read(&message.body, &names) {
        match block {
            Block::Text(pieces) => lines.extend(wrap_leading(&styled(program, &pieces, Ink::Text), cells)),
            Block::Quote(pieces) => {
                let bar = program.sign("▏ ", "> ");
                lines.extend(behind(
                    program,
                    bar,
                    wrap_leading(&styled(program, &pieces, Ink::Second), cells.saturating_sub(2)),
                ));
            }
            Block::Item { depth, marker, pieces } => {
                let marker = format!("{}{} ", "  ".repeat(depth), program.shown_text(&marker));
                let room = cells.saturating_sub(width(&marker));
                let indent = " ".repeat(width(&marker));
                let wrapped = wrap_leading(&styled(program, &pieces, Ink::Text), room);
                lines.extend(wrapped.into_iter().enumerate().map(|(at, line)| {
                    let before = if at == 0 { marker.clone() } else { indent.clone() };
                    line.behind(program.span(before, Ink::Faint))
                }));
            }
            Block::Code { text, .. } => {
                let bar = program.sign("│ ", "| ");
                let piece = Piece::new(program.shown_text_lines(&text), program.ink(Ink::Second));
                lines.extend(behind(program, bar, wrap_leading(&[piece], cells.saturating_sub(2))));
            }
        }
    }
    lines
}

fn behind(program: &Program, bar: &'static str, lines: Vec<Wrapped>) -> Vec<Wrapped> {
    lines.into_iter().map(|line| line.behind(program.span(bar, Ink::Line))).collect()
}

fn with_before(before: Span<'static>, mut line: Line<'static>) -> Line<'static> {
    line.spans.insert(0, before);
    line
}

fn styled(program: &Program, pieces: &[markdown::Piece], ink: Ink) -> Vec<Piece> {
    pieces
        .iter()
        .map(|piece| {
            let mut style = program.ink(if piece.code { Ink::Second } else { ink });
            if piece.mention.is_some() || piece.link.is_some() {
                style = program.ink(Ink::Accent);
            }
            let in_ascii = piece.link.as_deref().and_then(link::in_ascii);
            let is_doubtful =
                in_ascii.is_none() && piece.link.as_deref().is_some_and(|it| link::doubt(it).is_some());
            if is_doubtful {
                style = program.ink(Ink::Warn);
            }
            for (is_so, modifier) in [
                (piece.bold || piece.mention.is_some(), Modifier::BOLD),
                (piece.italic, Modifier::ITALIC),
                (piece.strike, Modifier::CROSSED_OUT),
                (piece.link.is_some(), Modifier::UNDERLINED),
            ] {
                if is_so {
                    style = style.add_modifier(modifier);
                }
            }
            let mut text = program.shown_text_lines(&piece.text);
            // It leads elsewhere than it seems to: the site stands behind it.
            if let Some(address) = piece.link.as_deref().filter(|_| is_doubtful) {
                let site = link::site(address).unwrap_or_else(|| program.tr("ui-link-no-site", &[]));
                text.push_str(&format!(" {} {}", program.sign("⚠", "!"), program.shown_text(&site)));
            }
            Piece { leads_to: in_ascii.as_deref().and_then(WebAddress::new), ..Piece::new(text, style) }
        })
        .collect()
}

/// What follows a message: that it was edited, its delivery state, how long it stays.
fn tail(program: &Program, message: &Message) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut add =
        |name: &str, ink: Ink| spans.push(program.span(format!(" · {}", program.tr(name, &[])), ink));
    if message.is_edited {
        add("ui-edited", Ink::Faint);
    }
    match message.delivery {
        Delivery::Pending if side_is_connected(program) => add("ui-sending", Ink::Faint),
        Delivery::Pending => add("ui-queued", Ink::Warn),
        Delivery::Held => add("full-held", Ink::Warn),
        Delivery::Failed => add("full-failed", Ink::Danger),
        Delivery::Sent | Delivery::Received => {}
    }
    if let Some(at) = message.disappears_at {
        let left = at.saturating_sub(program.now.unix);
        // By the minute while there are minutes, so that nothing flickers.
        let shown = if left > 60 { left / 60 * 60 } else { left };
        let text = size::duration(&program.l10n, Duration::from_secs(shown));
        spans.push(program.span(format!(" · {text}"), Ink::Faint));
    }
    spans
}

fn side_is_connected(program: &Program) -> bool {
    program.shown().is_some_and(Server::is_connected)
}

fn reaction_lines(program: &Program, server: &Server, message: &Message, cells: usize) -> Vec<RowLine> {
    let own = server.own().map(|own| own.key);
    let mut lines: Vec<RowLine> = Vec::new();
    let mut used = usize::MAX;
    for reaction in &message.reactions {
        let is_own = own.is_some_and(|own| reaction.people.contains(&own));
        let text = program.shown_text(&format!("[{} {}]", reaction.emoji, reaction.people.len()));
        let wide = width(&text);
        if used.saturating_add(wide) > cells {
            lines.push(RowLine::new(Line::default(), Some(message.id)));
            used = 0;
        }
        let Some(line) = lines.last_mut() else { continue };
        line.targets.push((used, wide, Target::Reaction(message.id, reaction.emoji.to_string())));
        let ink = if is_own { Ink::Accent } else { Ink::Second };
        line.line.spans.push(program.span(format!("{text} "), ink));
        used += wide + 1;
    }
    lines
}

impl Program {
    /// [`Self::shown_text`] for a text of several lines.
    fn shown_text_lines(&self, text: &str) -> String {
        text.split('\n').map(|line| self.shown_text(line)).collect::<Vec<_>>().join("\n")
    }
}
