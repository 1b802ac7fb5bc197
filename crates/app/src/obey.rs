//! What is typed behind a slash is done.

use shepot_view::command::Command;
use shepot_view::emoji;

use crate::confirmation::Confirmation;
use crate::kept::Origin;
use crate::slash::{Slash, SlashError};
use crate::state::State;

impl State {
    /// Does what a line behind a slash says.
    pub(crate) fn obey_line(&mut self, line: &str) {
        match Slash::parse(line) {
            Err(SlashError::Unknown(name)) => {
                self.complain(self.tr("terminal-unknown-command", &[("name", &name)]));
            }
            Err(SlashError::Usage(usage)) => self.complain(self.tr("terminal-usage", &[("usage", usage)])),
            // A reply that is being written stays what it is.
            Ok(Slash::Text(text)) => {
                self.composer.field.set(&text);
                self.send();
            }
            Ok(slash) => {
                self.composer.field.clear();
                self.obey(slash);
            }
        }
    }

    fn obey(&mut self, slash: Slash) {
        match slash {
            Slash::Help => self.run(Command::Keys),
            Slash::Invite { owner } => self.invite(owner),
            Slash::Join(Some(entry)) => self.add(&entry, Origin::Asked),
            Slash::Join(None) => self.run(Command::AddServer),
            Slash::Host => self.host(),
            Slash::StopHosting => self.ask_to_stop_hosting(),
            Slash::Connections => self.run(Command::Connections),
            Slash::Connect => self.connect(),
            Slash::Leave => self.run(Command::Disconnect),
            Slash::Remove => self.confirm_about_server(Confirmation::Remove),
            Slash::Room(name) => self.enter_room(&name),
            Slash::New(name) => match name.zip(self.server) {
                Some((name, server)) => self.make_room(server, &name),
                None => self.run(Command::NewRoom),
            },
            Slash::Rename(name) => self.rename_shown_room(name.as_deref()),
            Slash::Timer(seconds) => self.set_timer(seconds),
            Slash::Reply(_) | Slash::Edit | Slash::Delete | Slash::React(_) => self.obey_about_message(slash),
            Slash::Mention(nick) => self.with_person(&nick, |state, person| state.mention(&person)),
            Slash::Evict(nick) => self.with_person(&nick, Self::ask_to_evict),
            Slash::Nick(nick) => {
                if let Err(error) = self.set_nick(&nick) {
                    self.refuse(&error);
                }
            }
            Slash::Mood(None) => self.run(Command::Moods),
            Slash::Mood(Some(number)) => self.mood_typed(&number),
            Slash::Rooms => self.run(Command::Rooms),
            Slash::Who => self.run(Command::Members),
            Slash::Name(name) => self.server.into_iter().for_each(|id| self.rename_server(id, &name)),
            Slash::Address(address) => {
                let set = self.server.map_or(Ok(()), |id| self.set_address(id, &address));
                set.unwrap_or_else(|error| self.complain(error));
            }
            Slash::Code(None) => self.run(Command::SafetyCode),
            Slash::Code(Some(nick)) => self.with_person(&nick, Self::ask_for_pair_code),
            Slash::Seen => self.run(Command::ServerRecord),
            Slash::Search => self.run(Command::Search),
            Slash::Mute => self.mute(),
            Slash::Clear => self.run(Command::Clear),
            Slash::Lock => self.run(Command::Lock),
            Slash::Quit => self.run(Command::Quit),
            Slash::Text(_) => {}
        }
    }

    fn obey_about_message(&mut self, slash: Slash) {
        let own = self.meant_own();
        match (slash, self.meant_message()) {
            (Slash::Reply(text), Some(message)) => {
                self.reply(message);
                if let Some(text) = text {
                    self.composer.field.set(&text);
                    self.send();
                }
            }
            (Slash::React(Some(emoji)), Some(message)) => {
                self.react(message, &emoji::with_short_names(&emoji))
            }
            (Slash::React(None), Some(message)) => self.pick_reaction(message),
            (Slash::Edit, _) => own.into_iter().for_each(|message| self.edit(message)),
            (Slash::Delete, _) => own.into_iter().for_each(|message| self.delete(message)),
            _ => {}
        }
    }

    fn with_person(&mut self, nick: &str, step: impl FnOnce(&mut Self, shepot_client::model::PersonKey)) {
        if let Some(person) = self.person(nick) {
            step(self, person);
        }
    }

    fn mood_typed(&mut self, number: &str) {
        match number.parse::<u8>() {
            Ok(mood) if usize::from(mood) < self.moods().len() => {
                self.set_mood(Some(mood).filter(|mood| *mood > 0))
            }
            Ok(_) | Err(_) => self.complain(self.tr("terminal-usage", &[("usage", "/mood 0-15")])),
        }
    }
}
