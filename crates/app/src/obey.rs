//! Carries out slash commands.

use shepot_client::Action;
use shepot_client::model::{CommandError, MessageId, PersonKey, ServerId};
use shepot_view::command::Command;
use shepot_view::emoji;
use shepot_view::slash::{self, Meaning, Prompt, Slash, SlashLine};

use crate::composer::Bar;
use crate::confirmation::Confirmation;
use crate::kept::Origin;
use crate::state::State;

impl State {
    /// Carries out a line that begins with a slash.
    pub(crate) fn obey_line(&mut self, line: &str) {
        match slash::parse(Prompt::Screen, line) {
            Err(error) => self.complain(slash::error(&self.l10n, &error)),
            // A reply that is being written stays what it is.
            Ok(Meaning::Said(text)) => {
                self.composer.field.set(&text);
                self.send();
            }
            Ok(Meaning::Command(command)) => {
                self.composer.field.clear();
                self.obey(command);
            }
        }
    }

    /// Carries out a whole line, and leaves nothing of the last one.
    pub(crate) fn obey_whole_line(&mut self, meaning: Meaning, about: Option<MessageId>) {
        self.composer.begin_anew();
        self.selected = about;
        match meaning {
            Meaning::Said(text) if text.is_empty() => {}
            Meaning::Said(text) if self.place.is_some() => {
                self.composer.field.set(&text);
                self.send();
            }
            // Nothing to talk to yet: what is typed is the next try at an address.
            Meaning::Said(text) => self.add(&text, Origin::Asked),
            Meaning::Command(command) => self.obey(command),
        }
    }

    fn obey(&mut self, SlashLine { slash, number, text }: SlashLine) {
        let typed = text.as_deref().unwrap_or_default();
        match slash {
            Slash::Do(command) => self.run(command),
            Slash::InviteOwner => self.invite(true),
            Slash::Join => self.add(typed, Origin::Asked),
            Slash::Stop => self.ask_to_stop_hosting(),
            // As its menu offers.
            Slash::Remove if self.server.is_some_and(|id| self.hosting.is_of(id)) => {
                self.ask_to_stop_hosting()
            }
            Slash::Remove => self.confirm_about_server(Confirmation::Remove),
            Slash::Room => self.enter_room(typed),
            Slash::New => match self.server {
                Some(server) => self.make_room(server, typed),
                None => self.ask_for_room(),
            },
            Slash::Rename => self.rename_shown_room(text.as_deref()),
            Slash::Timer => self.set_timer(number.map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX))),
            Slash::Reply | Slash::Edit | Slash::Delete | Slash::React | Slash::Resend | Slash::Discard => {
                self.obey_about_message(slash, text);
            }
            Slash::Mention => self.with_person(typed, |state, person| state.mention(&person)),
            Slash::Evict => self.with_person(typed, Self::ask_to_evict),
            Slash::Nick => {
                if let Err(error) = self.set_nick(typed) {
                    self.refuse(&error);
                }
            }
            Slash::Mood => {
                self.set_mood(number.and_then(|mood| u8::try_from(mood).ok()).filter(|mood| *mood > 0));
            }
            Slash::Name => self.server.into_iter().for_each(|id| self.rename_server(id, typed)),
            Slash::Address => {
                let set = self.server.map_or(Ok(()), |id| self.set_address(id, typed));
                set.unwrap_or_else(|error| self.complain(error));
            }
            Slash::PairCode => self.with_person(typed, Self::ask_for_pair_code),
            Slash::Mute => self.mute(),
            Slash::SearchFor => {
                self.run(Command::Search);
                self.wanted(typed);
            }
            Slash::LockAfter => self.lock_after(number.unwrap_or_default()),
            Slash::Server => {
                let server =
                    ServerId(number.and_then(|number| u32::try_from(number).ok()).unwrap_or(u32::MAX));
                match self.desk.server(server) {
                    Some(_) => self.go_to_server(server),
                    None => self.refuse(&CommandError::NoSuchServer),
                }
            }
            Slash::Held => self.show_held(),
            Slash::Undo => self.undo(),
            Slash::DeleteRoom => self.ask_to_delete_room(),
            Slash::Say => {
                self.composer.field.set(typed);
                self.say_written();
            }
            // They are looked at where lines are printed.
            Slash::Servers | Slash::Posture => {}
        }
    }

    fn obey_about_message(&mut self, slash: Slash, text: Option<String>) {
        let is_own = !matches!(slash, Slash::Reply | Slash::React);
        let meant = if is_own { self.meant_own() } else { self.meant_message() };
        let Some(message) = meant else { return self.complain(self.tr("full-no-message", &[])) };
        match (slash, text) {
            (Slash::Edit, None) => self.edit(message),
            (Slash::Delete, _) => self.delete(message),
            (Slash::Resend, _) => self.send_again(message),
            (Slash::Discard, _) => self.act(Action::Discard { message }),
            (Slash::React, Some(emoji)) => self.react(message, &emoji::with_short_names(&emoji)),
            (Slash::React, None) => self.pick_reaction(message),
            (slash, text) => {
                let bar = if slash == Slash::Edit {
                    self.edit(message);
                    Bar::Edit(message)
                } else {
                    self.reply(message);
                    Bar::Reply(message)
                };
                // Where it is gone, or another's, the person was told.
                if let Some(text) = text.filter(|_| self.composer.bar() == bar) {
                    self.composer.field.set(&text);
                    self.send();
                }
            }
        }
    }

    fn with_person(&mut self, nick: &str, step: impl FnOnce(&mut Self, PersonKey)) {
        if let Some(person) = self.person(nick) {
            step(self, person);
        }
    }
}
