//! What the dashboard knows, and what the operator has selected. Plain data: it draws nothing and asks nobody.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;
use shepot_console::input::{answer, latin};
use shepot_l10n::L10n;
use shepot_relay::IDLE;
use shepot_relay::operator::{JournalEntry, append};

use crate::control::{Answer, Invitation, Key, Refusal, Request, Row, Watched, Wish};
use crate::problem::Problem;

/// The most journal entries that are kept here.
const MOST_ENTRIES: usize = 1_000;

/// The most characters of the filter.
const MOST_FILTER: usize = 45;

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// Identifies a row, however the table changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowKey {
    Connection(u64),
    Banned(IpAddr),
    Refused(IpAddr),
}

impl RowKey {
    pub(super) const fn of(row: &Row) -> Self {
        match row {
            Row::Connected(connection) => Self::Connection(connection.connection),
            Row::Banned(ban) => Self::Banned(ban.address),
            Row::Refused(refused) => Self::Refused(refused.address),
        }
    }
}

pub(super) fn address_of(row: &Row) -> IpAddr {
    match row {
        Row::Connected(connection) => connection.address.ip().to_canonical(),
        Row::Banned(ban) => ban.address,
        Row::Refused(refused) => refused.address,
    }
}

/// Which rows are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum View {
    #[default]
    All,
    Active,
    Refused,
    Bans,
}

impl View {
    pub(super) const ALL: [Self; 4] = [Self::All, Self::Active, Self::Refused, Self::Bans];

    fn shows(self, row: &Row) -> bool {
        match self {
            Self::All => true,
            Self::Active => matches!(row, Row::Connected(one) if one.idle_s < IDLE.as_secs()),
            Self::Refused => matches!(row, Row::Refused(_)),
            Self::Bans => matches!(row, Row::Banned(_)),
        }
    }
}

/// What covers the table.
#[derive(Debug, Default)]
pub(super) enum Over {
    #[default]
    Nothing,
    Help,
    /// The journal on the whole screen, scrolled back by this many lines.
    Log(usize),
    /// Whether to end the connection with this number from this address.
    Disconnect(u64, SocketAddr),
    Ban(IpAddr),
    Invitation(Invitation, Invited),
    Keys(Vec<Key>, usize),
    Revoke(Key),
    /// A sentence for the operator.
    Said(String),
}

/// How an invitation is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Invited {
    /// In a box with what it opens, and with its QR code if there is room.
    #[default]
    InBox,
    /// In a box, and the terminal was asked to copy it.
    Copied,
    /// Its QR code, over everything.
    Code,
    /// The link and nothing else, so that it can be selected as one.
    Bare,
}

/// What follows from a key press.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Nothing,
    Quit,
    Ask(Request),
    /// Copy the link of the invitation to the clipboard.
    Copy,
}

#[derive(Default)]
pub(crate) struct Board {
    pub(super) seen: Watched,
    pub(super) entries: VecDeque<JournalEntry>,
    pub(super) is_lost: bool,
    pub(super) view: View,
    pub(super) filter: String,
    pub(super) is_typing: bool,
    pub(super) over: Over,
    selected: Option<RowKey>,
    /// The first row that is shown. Drawing keeps it up to date.
    pub(super) from: usize,
    /// Where the rows of the table are, for the mouse.
    pub(super) table: Rect,
}

impl Board {
    /// The number of the last journal entry that is known here.
    pub(super) fn last_entry(&self) -> u64 {
        self.entries.back().map_or(0, |entry| entry.number)
    }

    /// Forgets the journal, because another run of the server counts its entries anew.
    pub(super) fn starts_anew(&mut self) {
        self.entries.clear();
        self.selected = None;
    }

    pub(super) fn take(&mut self, watched: Watched) {
        // Two looks may have been on their way at once.
        let known = self.last_entry();
        for entry in watched.entries.iter().filter(|entry| entry.number > known) {
            // One that goes on replaces itself.
            append(&mut self.entries, entry.clone());
        }
        while self.entries.len() > MOST_ENTRIES {
            self.entries.pop_front();
        }
        let before = self.rows();
        let at = self.selected(&before);
        self.seen = Watched { entries: Vec::new(), ..watched };
        // Where the selected row is gone, the one that moved up is selected: it stands under the eye.
        let rows = self.rows();
        let is_gone = |key: &RowKey| !rows.iter().any(|row| RowKey::of(row) == *key);
        if self.selected.as_ref().is_some_and(is_gone) {
            self.selected = rows.get(at.min(rows.len().saturating_sub(1))).map(RowKey::of);
        }
    }

    /// The link that is alone on the screen.
    pub(super) fn bare(&self) -> Option<&str> {
        let Over::Invitation(invitation, Invited::Bare) = &self.over else { return None };
        Some(&invitation.link)
    }

    /// The link of the invitation that is shown.
    pub(super) fn link(&self) -> Option<&str> {
        let Over::Invitation(invitation, _) = &self.over else { return None };
        Some(&invitation.link)
    }

    /// The rows that view and filter show.
    pub(super) fn rows(&self) -> Vec<Row> {
        let fits = |row: &Row| address_of(row).to_string().contains(self.filter.trim());
        self.seen.rows.iter().filter(|row| self.view.shows(row) && fits(row)).cloned().collect()
    }

    /// How many rows each view has.
    pub(super) fn counts(&self) -> [usize; 4] {
        let rows = &self.seen.rows;
        View::ALL.map(|view| rows.iter().filter(|row| view.shows(row)).count())
    }

    /// The position of the selected row. The first one if none is selected or it is gone.
    pub(super) fn selected(&self, rows: &[Row]) -> usize {
        let place = self.selected.and_then(|key| rows.iter().position(|row| RowKey::of(row) == key));
        place.unwrap_or(0)
    }

    /// Moves the selection by this many rows, or scrolls the journal.
    pub(super) fn select(&mut self, by: isize) {
        match &mut self.over {
            Over::Log(back) => *back = back.saturating_add_signed(-by).min(self.entries.len()),
            Over::Keys(keys, chosen) => {
                *chosen = chosen.saturating_add_signed(by).min(keys.len().saturating_sub(1));
            }
            Over::Nothing => {
                let rows = self.rows();
                let to = self.selected(&rows).saturating_add_signed(by);
                self.selected = rows.get(to.min(rows.len().saturating_sub(1))).map(RowKey::of);
            }
            Over::Help
            | Over::Disconnect(..)
            | Over::Ban(_)
            | Over::Revoke(_)
            | Over::Invitation(..)
            | Over::Said(_) => {}
        }
    }

    /// Handles a click.
    pub(super) fn click(&mut self, column: u16, row: u16) {
        let is_plain = matches!(self.over, Over::Nothing);
        if is_plain && self.table.contains((column, row).into()) {
            let at = self.from + usize::from(row - self.table.y);
            if let Some(row) = self.rows().get(at) {
                self.selected = Some(RowKey::of(row));
            }
        }
    }

    fn chosen(&self) -> Option<Row> {
        let rows = self.rows();
        rows.get(self.selected(&rows)).cloned()
    }

    /// Handles a key press.
    #[allow(clippy::wildcard_enum_match_arm, reason = "of all keys that there are, these mean something")]
    pub(super) fn key(&mut self, key: KeyEvent) -> Wanted {
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        if is_control && matches!(key.code, KeyCode::Char(c) if latin(c) == 'c') {
            return Wanted::Quit;
        }
        if self.is_typing {
            return self.type_filter(key);
        }
        if let Over::Invitation(_, shown @ Invited::Bare) = &mut self.over {
            *shown = Invited::InBox;
            return Wanted::Nothing;
        }
        match key.code {
            KeyCode::Tab => {
                if let Over::Invitation(_, shown) = &mut self.over {
                    *shown = if *shown == Invited::Code { Invited::InBox } else { Invited::Code };
                }
            }
            KeyCode::Up => self.select(-1),
            KeyCode::Down => self.select(1),
            KeyCode::PageUp => self.select(-10),
            KeyCode::PageDown => self.select(10),
            KeyCode::Home => self.select(isize::MIN / 2),
            KeyCode::End => self.select(isize::MAX / 2),
            KeyCode::Esc => return self.step_back(),
            // What takes something away needs its letter.
            KeyCode::Enter if !matches!(self.over, Over::Disconnect(..) | Over::Ban(_) | Over::Revoke(_)) => {
                return self.confirm(0);
            }
            KeyCode::Char(c) if !is_control => return self.letter(latin(c), c),
            _ => {}
        }
        Wanted::Nothing
    }

    fn step_back(&mut self) -> Wanted {
        if !matches!(self.over, Over::Nothing) {
            self.over = Over::Nothing;
        } else if !self.filter.is_empty() {
            self.filter.clear();
        }
        // One too many ends nothing: that is what q is for.
        Wanted::Nothing
    }

    fn letter(&mut self, letter: char, typed: char) -> Wanted {
        if !matches!(self.over, Over::Nothing) {
            return self.letter_over(letter, typed);
        }
        match (letter, typed) {
            ('q', _) => return Wanted::Quit,
            (_, '?') => self.over = Over::Help,
            ('1', _) => self.view = View::All,
            ('2', _) => self.view = View::Active,
            ('3', _) => self.view = View::Refused,
            ('4', _) => self.view = View::Bans,
            ('/', _) | (_, '.') => self.is_typing = true,
            ('l', _) => self.over = Over::Log(0),
            ('i', _) => return Wanted::Ask(Request::Invite(Wish::default())),
            ('k', _) => return Wanted::Ask(Request::Invites),
            ('d', _) => {
                if let Some(Row::Connected(one)) = self.chosen() {
                    self.over = Over::Disconnect(one.connection, one.address);
                }
            }
            ('b', _) => {
                if let Some(row) = self.chosen() {
                    self.over = Over::Ban(address_of(&row));
                }
            }
            ('u', _) => {
                if let Some(row) = self.chosen() {
                    return Wanted::Ask(Request::Unban { address: address_of(&row).to_string() });
                }
            }
            _ => {}
        }
        Wanted::Nothing
    }

    fn letter_over(&mut self, letter: char, typed: char) -> Wanted {
        if matches!(self.over, Over::Disconnect(..) | Over::Revoke(_)) {
            return match answer(typed) {
                Some(true) => self.confirm(0),
                Some(false) => self.step_back(),
                None => Wanted::Nothing,
            };
        }
        match (&mut self.over, letter) {
            (Over::Invitation(_, shown), 'c') if *shown != Invited::Bare => {
                *shown = Invited::Copied;
                Wanted::Copy
            }
            (Over::Invitation(_, shown @ (Invited::InBox | Invited::Copied)), 't') => {
                *shown = Invited::Bare;
                Wanted::Nothing
            }
            (Over::Ban(_), '1') => self.confirm(0),
            (Over::Ban(_), '2') => self.confirm(1),
            (Over::Ban(_), '3') => self.confirm(2),
            (Over::Keys(keys, chosen), 'r') => {
                if let Some(key) = keys.get(*chosen).cloned() {
                    self.over = Over::Revoke(key);
                }
                Wanted::Nothing
            }
            (_, 'q') => {
                self.over = Over::Nothing;
                Wanted::Nothing
            }
            _ => Wanted::Nothing,
        }
    }

    /// Carries out the answer to a question, given by its position.
    fn confirm(&mut self, answer: usize) -> Wanted {
        let wanted = match &self.over {
            Over::Disconnect(number, _) => Wanted::Ask(Request::Kick { who: number.to_string() }),
            Over::Revoke(key) => Wanted::Ask(Request::Revoke { invitation: key.id.clone() }),
            Over::Ban(address) => {
                let seconds = [Some(HOUR), Some(DAY), None].get(answer).copied().flatten();
                Wanted::Ask(Request::Ban { address: address.to_string(), seconds })
            }
            Over::Nothing
            | Over::Help
            | Over::Log(_)
            | Over::Invitation(..)
            | Over::Keys(..)
            | Over::Said(_) => Wanted::Nothing,
        };
        if !matches!(self.over, Over::Keys(..) | Over::Log(_)) {
            self.over = Over::Nothing;
        }
        wanted
    }

    #[allow(clippy::wildcard_enum_match_arm, reason = "of all keys that there are, these mean something")]
    fn type_filter(&mut self, key: KeyEvent) -> Wanted {
        match key.code {
            KeyCode::Enter => self.is_typing = false,
            KeyCode::Esc => {
                self.is_typing = false;
                self.filter.clear();
            }
            KeyCode::Backspace => {
                self.filter.pop();
            }
            KeyCode::Char(c) => {
                let fits = c.is_ascii_hexdigit() || c == '.' || c == ':';
                if fits && self.filter.len() < MOST_FILTER {
                    self.filter.push(c.to_ascii_lowercase());
                }
            }
            _ => {}
        }
        Wanted::Nothing
    }

    /// Tells the operator that the request may not have been carried out.
    pub(super) fn was_not_heard(&mut self, l10n: &L10n) {
        self.over = Over::Said(l10n.tr("top-not-done", &[]));
    }

    /// Shows an invitation that was made, or why it was not.
    pub(super) fn invited(&mut self, made: Result<Invitation, Refusal>, l10n: &L10n) {
        self.over = match made {
            Ok(invitation) => Over::Invitation(invitation, Invited::default()),
            Err(refusal) => Over::Said(Problem::refused(l10n, &refusal).sentence),
        };
    }

    /// Handles the server's answer to a request.
    pub(super) fn answered(&mut self, answer: Answer, l10n: &L10n) {
        self.over = match answer {
            Answer::Invites(keys) => Over::Keys(keys, 0),
            Answer::Refused(refusal) => Over::Said(Problem::refused(l10n, &refusal).sentence),
            Answer::Revoked(revoked) => {
                let name = if revoked.label.is_empty() { &revoked.id } else { &revoked.label };
                let connections = revoked.connections.to_string();
                let values = [("name", name.as_str()), ("connections", &connections)];
                Over::Said(l10n.tr("operator-revoked", &values))
            }
            // They are seen in the table and in the log; another question may be open by now.
            Answer::Status(_)
            | Answer::Connections(_)
            | Answer::Kicked(_)
            | Answer::Banned(_)
            | Answer::Unbanned { .. }
            | Answer::Bans { .. }
            | Answer::Reloaded(_)
            | Answer::Stopping
            | Answer::Invited(_)
            | Answer::Watched(_) => return,
        };
    }
}

#[cfg(test)]
pub(super) mod tests;
