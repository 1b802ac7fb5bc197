//! What is printed: messages, lists, invitations.

use shepot_client::model::{CommandError, ConnectionState, Message, RoomId};
use shepot_console::qr_code;
use shepot_hosting::Hosted;
use shepot_relay::Reach;
use shepot_view::desk::Server;
use shepot_view::slash::{self, Prompt};
use shepot_view::{L10n, people, sentence};
use zeroize::Zeroizing;

use super::Plain;
use crate::output;
use crate::transcript::Transcript;

/// What was printed of a server, and where the person is there.
#[derive(Default)]
pub(super) struct Printed {
    /// The last that was said of its connection.
    pub(super) state: Option<ConnectionState>,
    /// The room.
    pub(super) room: RoomId,
    pub(super) transcript: Transcript,
    /// Messages that were not printed, as another server was in front.
    pub(super) unread: u64,
    /// What comes before it is in it.
    pub(super) awaits_snapshot: bool,
    /// The invitation that took the place of the one by which we came.
    pub(super) renewed: Option<Zeroizing<String>>,
}

impl Plain {
    pub(super) fn help(&self) -> Result<(), String> {
        self.print_tr("terminal-help", &[])?;
        for (usage, explanation) in slash::explained(&self.l10n, Prompt::Lines) {
            self.print(&format!("  {usage:<18} {explanation}"))?;
        }
        Ok(())
    }

    pub(super) fn who(&self) -> Result<(), String> {
        let Some(shown) = self.shown() else { return self.list_servers() };
        self.print_tr("terminal-people", &[("people", &shown.people.len().to_string())])?;
        for person in &shown.people {
            let mut about = Vec::new();
            if person.is_self {
                about.push(self.l10n.tr("terminal-you", &[]));
            } else if !person.is_present {
                about.push(self.l10n.tr("terminal-away", &[]));
            } else if person.is_silent {
                about.push(self.l10n.tr("terminal-silent", &[]));
            }
            let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
            self.print(&format!("  {} ·{}{about}", person.nick, person.fingerprint))?;
        }
        Ok(())
    }

    pub(super) fn rooms(&self) -> Result<(), String> {
        let (Some(shown), Some(printed)) = (self.shown(), self.printed()) else { return self.list_servers() };
        if shown.rooms.is_empty() {
            return self.print(&sentence::command_error(&self.l10n, &CommandError::NotConnected));
        }
        for room in &shown.rooms {
            let here = if room.id == printed.room { "*" } else { " " };
            self.print(&format!(" {here}#{}", sentence::room_name(&self.l10n, room.id, &shown.rooms)))?;
        }
        Ok(())
    }

    pub(super) fn list_servers(&self) -> Result<(), String> {
        if self.printed.is_empty() {
            return self.print_tr("terminal-add-again", &[]);
        }
        for Server { id, name, address, .. } in self.desk.servers() {
            let Some(printed) = self.printed.get(id) else { continue };
            let here = if self.current == Some(*id) { "*" } else { " " };
            let state = printed.state.as_ref().map(|state| sentence::state(&self.l10n, state));
            let unread = if printed.unread > 0 { format!(" [{}]", printed.unread) } else { String::new() };
            self.print(&format!(" {here}{} {name} {address}{unread}  {}", id.0, state.unwrap_or_default()))?;
        }
        Ok(())
    }
}

pub(super) fn show_hosted(l10n: &L10n, hosted: &Hosted) -> Result<(), String> {
    let print = output::line;
    let addresses: Vec<String> = hosted.addresses.iter().map(ToString::to_string).collect();
    print(&l10n.tr("terminal-hosting", &[("addresses", &addresses.join(", "))]))?;
    show_invitation(l10n, &hosted.invitation)?;
    match hosted.reach {
        Reach::Everywhere => {}
        Reach::Network => print(&l10n.tr("terminal-only-near", &[]))?,
        Reach::Machine => print(&l10n.tr("terminal-only-here", &[]))?,
    }
    Ok(())
}

pub(super) fn show_invitation(l10n: &L10n, link: &str) -> Result<(), String> {
    let print = output::line;
    print(&l10n.tr("terminal-invitation", &[]))?;
    print("")?;
    print(link)?;
    print("")?;
    for row in qr_code(l10n, link) {
        print(&row)?;
    }
    Ok(())
}

/// One message; it may have line ends.
pub(super) fn line_of(
    l10n: &L10n,
    (shown, printed): (&Server, &Printed),
    message: &Message,
    number: u64,
    changed: bool,
) -> String {
    let author = people::called(&message.nick, &message.author, &shown.people);
    let room = match message.conversation.room() {
        room if room == printed.room => String::new(),
        room => {
            let name = sentence::room_name(l10n, room, &shown.rooms);
            format!(" #{}", people::name_in_a_sentence(l10n, &name))
        }
    };
    let reply = match message.reply_to {
        Some(id) => match printed.transcript.known(id) {
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
