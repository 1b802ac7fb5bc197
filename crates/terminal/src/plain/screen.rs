//! Prints messages, lists and overlays.

use shepot_app::{Comparing, Invited, List, Offered, Overlay, joining};
use shepot_client::model::{CommandError, ConnectionState, ConversationId, Message, RoomId, ServerId};
use shepot_console::qr_code;
use shepot_hosting::Hosted;
use shepot_relay::Reach;
use shepot_view::desk::Server;
use shepot_view::slash::{self, Prompt};
use shepot_view::{L10n, people, safety, sentence, server_record};

use super::Plain;
use crate::output;
use crate::transcript::Transcript;

/// What was printed about a server.
#[derive(Default)]
pub(super) struct Printed {
    /// The state of its connection, as last printed.
    pub(super) state: Option<ConnectionState>,
    pub(super) transcript: Transcript,
    /// Messages that were not printed, since another server was open.
    pub(super) unread: u64,
    /// The room that was last printed. `None`: only the main room was.
    pub(super) told: Option<ConversationId>,
    /// Messages until the next snapshot are not printed one by one: the snapshot has them.
    pub(super) awaits_snapshot: bool,
}

impl Plain {
    /// Prints an overlay.
    pub(super) fn print_over(&self, over: &Overlay) -> Result<(), String> {
        match over {
            Overlay::Help => self.help(),
            Overlay::List(List { offered: Offered::Members, .. }) => self.who(),
            Overlay::List(List { offered: Offered::Rooms, .. }) => self.rooms(),
            Overlay::Code(Comparing { shown: Some(code), .. }) => {
                self.print_tr("terminal-safety-code", &[("code", &safety::as_numbers(&code.symbols))])
            }
            Overlay::PairCode(paired) => {
                let code = safety::as_numbers(&paired.symbols);
                self.print_tr("terminal-pair-code", &[("nick", &paired.nick), ("code", &code)])
            }
            Overlay::Invitation(invited) => self.invitation(invited),
            Overlay::Record => {
                let Some(record) = self.app.shown().and_then(|shown| shown.record.as_ref()) else {
                    return Ok(());
                };
                self.print_tr("record-title", &[])?;
                for fact in server_record::facts(&self.app.l10n, record) {
                    self.print(&format!("  {}: {}", fact.name, fact.value))?;
                }
                self.print_tr("record-note", &[])
            }
            Overlay::Join(joining) => {
                let now = self.app.now.unix;
                self.print(&joining::question(&self.app.l10n, joining, now).body)?;
                self.print_tr("terminal-join-how", &[])
            }
            // What was wrong with a line.
            Overlay::Ask(.., error) if !error.is_empty() => self.print(error),
            // What is typed as a whole needs neither to be chosen nor to be asked for.
            Overlay::Ask(..)
            | Overlay::Code(_)
            | Overlay::Confirm(_)
            | Overlay::List(_)
            | Overlay::EditServer(..)
            | Overlay::Link(_)
            | Overlay::Menu(_) => Ok(()),
        }
    }

    fn help(&self) -> Result<(), String> {
        self.print_tr("terminal-help", &[])?;
        for (usage, explanation) in slash::explained(&self.app.l10n, Prompt::Lines) {
            self.print(&format!("  {usage:<18} {explanation}"))?;
        }
        Ok(())
    }

    fn who(&self) -> Result<(), String> {
        let Some(shown) = self.app.shown() else { return self.list_servers() };
        self.print_tr("terminal-people", &[("people", &shown.people.len().to_string())])?;
        for person in &shown.people {
            let mut about = Vec::new();
            if person.is_self {
                about.push(self.app.l10n.tr("terminal-you", &[]));
            } else if !person.is_present {
                about.push(self.app.l10n.tr("terminal-away", &[]));
            } else if person.is_silent {
                about.push(self.app.l10n.tr("terminal-silent", &[]));
            }
            let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
            self.print(&format!("  {} ·{}{about}", person.nick, person.fingerprint))?;
        }
        Ok(())
    }

    fn rooms(&self) -> Result<(), String> {
        let Some(shown) = self.app.shown() else { return self.list_servers() };
        let here = self.app.place.map(|place| place.room());
        if shown.rooms.is_empty() {
            return self.print(&sentence::command_error(&self.app.l10n, &CommandError::NotConnected));
        }
        for room in &shown.rooms {
            let here = if here == Some(room.id) { "*" } else { " " };
            self.print(&format!(" {here}#{}", sentence::room_name(&self.app.l10n, room.id, &shown.rooms)))?;
        }
        Ok(())
    }

    pub(super) fn list_servers(&self) -> Result<(), String> {
        if self.printed.is_empty() {
            return self.print_tr("terminal-add-again", &[]);
        }
        for Server { id, name, address, .. } in self.app.desk.servers() {
            let Some(printed) = self.printed.get(id) else { continue };
            let here = if self.app.server == Some(*id) { "*" } else { " " };
            let state = printed.state.as_ref().map(|state| sentence::state(&self.app.l10n, state));
            let unread = if printed.unread > 0 { format!(" [{}]", printed.unread) } else { String::new() };
            self.print(&format!(" {here}{} {name} {address}{unread}  {}", id.0, state.unwrap_or_default()))?;
        }
        Ok(())
    }

    /// Prints where the relay listens, and from where it can be reached. Its invitation follows once the circle is
    /// entered.
    pub(super) fn print_hosted(&self, hosted: &Hosted) -> Result<(), String> {
        let addresses: Vec<String> = hosted.addresses.iter().map(ToString::to_string).collect();
        self.print_tr("terminal-hosting", &[("addresses", &addresses.join(", "))])?;
        match hosted.reach {
            Reach::Everywhere => Ok(()),
            Reach::Network => self.print_tr("terminal-only-near", &[]),
            Reach::Machine => self.print_tr("terminal-only-here", &[]),
        }
    }

    /// Prints an invitation as a link and as a QR code, or the person's own to come back with.
    fn invitation(&self, Invited { link, is_own, note, makes_owner, .. }: &Invited) -> Result<(), String> {
        if *is_own {
            self.print_tr("terminal-renewed", &[])?;
        } else if !makes_owner {
            self.print_tr("terminal-invitation", &[])?;
        }
        if !is_own && !note.is_empty() {
            self.print(note)?;
        }
        output::line("")?;
        // What is copied stays whole.
        output::line(link)?;
        output::line("")?;
        if !is_own {
            qr_code(&self.app.l10n, link).iter().try_for_each(|row| output::line(row))?;
        }
        Ok(())
    }

    /// Clears the screen and its scrollback, if the terminal knows the sequence.
    pub(super) fn cleared(&mut self, server: ServerId) -> Result<(), String> {
        self.printed.get_mut(&server).into_iter().for_each(|printed| printed.transcript.clear());
        output::line("\u{1b}[2J\u{1b}[3J\u{1b}[H")
    }
}

/// A message as it is printed. It may have several lines.
pub(super) fn line_of(
    l10n: &L10n,
    (shown, transcript, here): (&Server, &Transcript, RoomId),
    message: &Message,
    number: u64,
    changed: bool,
) -> String {
    let author = people::called(&message.nick, &message.author, &shown.people);
    let room = match message.conversation.room() {
        room if room == here => String::new(),
        room => {
            let name = sentence::room_name(l10n, room, &shown.rooms);
            format!(" #{}", people::name_in_a_sentence(l10n, &name))
        }
    };
    let reply = match message.reply_to {
        Some(id) => match transcript.known(id) {
            Some(number) => format!(" ↩{number}"),
            None => " ↩".to_owned(),
        },
        None => String::new(),
    };
    let body = if message.is_deleted {
        l10n.tr("terminal-deleted", &[])
    } else {
        message.body.replace('\t', "    ")
    };
    let mut line = format!("{number}{room} <{author}>{reply} {body}");
    if message.is_edited && !message.is_deleted {
        line.push_str(&format!(" ({})", l10n.tr("terminal-edited", &[])));
    }
    for reaction in &message.reactions {
        line.push_str(&format!(" [{} {}]", reaction.emoji, reaction.people.len()));
    }
    if message.mentions_self && !changed {
        line.push_str(" ←");
    }
    line
}
