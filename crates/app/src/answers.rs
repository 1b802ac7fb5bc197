//! Takes what the person chooses or answers in an overlay.

use shepot_client::limits::ROOM_NAME_CHARACTERS;
use shepot_client::model::{CommandError, ConnectionError, ServerId};
use shepot_client::{Action, check_nick};
use shepot_preferences::AvatarKind;
use shepot_sanitise::Sanitised;
use shepot_view::desk::Place;
use shepot_view::palette::Target;
use shepot_view::sentence;
use zeroize::Zeroizing;

use crate::choices::emoji_for;
use crate::confirmation::Confirmation;
use crate::effect::{Effect, RelayEffect};
use crate::kept::Origin;
use crate::log_lines;
use crate::overlay::{Ask, For, List, Offered, Overlay, RoomLine};
use crate::page::Page;
use crate::state::State;

fn is_room_name(typed: &str) -> bool {
    (1..=ROOM_NAME_CHARACTERS).contains(&typed.trim().chars().count())
}

impl State {
    /// Takes the chosen line, or the text that was typed. Questions with yes and no are left to [`State::answer`].
    pub(crate) fn take_chosen(&mut self) {
        let is_list = self.overlay.as_ref().and_then(Overlay::chosen).is_some();
        // Nothing that fits: what was typed can be mended. And what takes something away, or leads to a server that
        // somebody else has named, needs its own answer: a line end that was pasted is none.
        let is_answered_by_name = matches!(self.overlay, Some(Overlay::Confirm(_) | Overlay::Join(_)));
        if (is_list && self.overlay_count() == 0) || is_answered_by_name {
            return;
        }
        let Some(over) = self.overlay.take() else { return };
        self.changes.overlay = true;
        match over {
            Overlay::List(list) => self.take_line(list),
            Overlay::Ask(ask, mut field, _) => {
                let typed = Zeroizing::new(field.take());
                self.answered(ask, &typed);
            }
            Overlay::Help
            | Overlay::Code(_)
            | Overlay::PairCode(_)
            | Overlay::Invitation(_)
            | Overlay::Record
            | Overlay::Confirm(_)
            | Overlay::Join(_)
            | Overlay::EditServer(..)
            | Overlay::Menu(_) => {}
            Overlay::Link(link) => self.link_agreed(link),
        }
    }

    /// Takes the chosen line of a list.
    fn take_line(&mut self, list: List) {
        let chosen = list.chosen;
        match list.offered {
            Offered::Rooms => match self.room_lines().get(chosen) {
                Some(RoomLine::Server(server)) => self.go_to_server(*server),
                Some(RoomLine::Room(place)) => self.go(*place),
                None => {}
            },
            Offered::Members => {
                let person = self.shown().and_then(|server| server.people.get(chosen));
                if let Some(person) = person.map(|person| person.key) {
                    self.mention(&person);
                }
            }
            Offered::Emoji(wanted) => {
                if let Some(emoji) = emoji_for(list.field.text()).get(chosen) {
                    self.emoji_picked(wanted, emoji.text);
                }
            }
            Offered::Moods => self.set_mood(self.moods().get(chosen).copied().flatten()),
            Offered::Switcher(entries) => {
                if let Some(entry) = entries.into_iter().nth(chosen) {
                    self.open_found(entry.target);
                }
            }
            Offered::Search => self.go_to_hit(Some(chosen)),
            Offered::Timers(place) => {
                let seconds = self.timers().get(chosen).map(|(seconds, _)| *seconds);
                if let Some(seconds) = seconds.filter(|seconds| *seconds != self.timer()) {
                    self.on(place.server, Action::SetTimer { room: place.room(), seconds });
                }
            }
            // What was read stays where nothing was chosen by it.
            Offered::Connections => self.lay(Overlay::List(list)),
        }
    }

    /// Puts the chosen emoji where it was wanted.
    pub(crate) fn emoji_picked(&mut self, wanted: For, emoji: &str) {
        match wanted {
            For::Text => {
                self.selected = None;
                self.composer.write(emoji);
            }
            For::Reaction(message) => self.react(message, emoji),
            For::Avatar => self.look(AvatarKind::Emoji, Some(emoji.to_owned()), None),
        }
    }

    fn open_found(&mut self, target: Target) {
        match target {
            // It may be gone by now.
            Target::Room(place) => {
                let is_there = self.desk.room(place).is_some();
                self.go_where_there_is(Some(place).filter(|_| is_there));
            }
            Target::Server(server) => self.go_to_server(server),
            Target::Person(server, person) => {
                if self.server != Some(server) {
                    self.go_to_server(server);
                }
                self.mention(&person);
            }
            Target::Message(place, message) if self.desk.message_of(place.server, &message).is_some() => {
                self.go(place);
                self.reveal(message);
            }
            Target::Message(..) => {}
            Target::Command(command) => self.run(command),
            Target::Setting(section) => {
                self.open_page(Page::Settings);
                self.changes.section = Some(section);
            }
        }
    }

    fn answered(&mut self, ask: Ask, typed: &Zeroizing<String>) {
        match ask {
            Ask::Nick => self.nick_answered(typed),
            Ask::Server => {
                // It stays until the engine has taken it.
                self.lay(Overlay::asks_again(Ask::Server, typed));
                self.add(typed, Origin::Asked);
            }
            Ask::Invitation(server) => self.new_invitation(server, typed),
            Ask::Room(_) | Ask::RoomName(_) if !is_room_name(typed) => {
                let error = CommandError::RoomName { most: ROOM_NAME_CHARACTERS };
                let text = sentence::command_error(&self.l10n, &error);
                self.lay(Overlay::mended(ask, typed, text));
            }
            Ask::Room(server) => self.make_room(server, typed.trim()),
            Ask::RoomName(place) => self.rename_room(place, typed.trim()),
            Ask::HostAddress(link) => match self.at_address(&link, typed.trim()) {
                Some(invited) => self.lay(Overlay::Invitation(invited)),
                None => self.lay(Overlay::mended(Ask::HostAddress(link), typed, self.tr("ui-er-addr", &[]))),
            },
            Ask::Passphrase { locks } if typed.is_empty() => {
                self.ask_for_passphrase(locks, self.tr("ui-lk-empty", &[]));
            }
            Ask::Passphrase { locks } => {
                self.lay(Overlay::ask(Ask::PassphraseAgain { first: typed.clone(), locks }));
            }
            Ask::PassphraseAgain { first, locks } if first == *typed => {
                if !self.lock.set_passphrase(typed) {
                    let error = sentence::connection_error(&self.l10n, &ConnectionError::NoRandomness);
                    return self.ask_for_passphrase(locks, error);
                }
                self.changes.settings = true;
                if locks {
                    self.lock();
                } else if self.preferences.lock_after_minutes > 0 {
                    self.tell_when_it_locks();
                }
            }
            Ask::PassphraseAgain { locks, .. } => {
                self.ask_for_passphrase(locks, self.tr("ui-lk-differ", &[]))
            }
        }
    }

    /// Sets the passphrase from both fields at once, in interfaces that show them together.
    pub(crate) fn passphrases(&mut self, first: &Zeroizing<String>, second: &Zeroizing<String>) {
        if let Some(Overlay::Ask(ask @ Ask::Passphrase { .. }, ..)) = &self.overlay {
            let ask = ask.clone();
            self.uncover_if(|_| true);
            self.answered(ask, first);
        }
        if let Some(Overlay::Ask(ask @ Ask::PassphraseAgain { .. }, ..)) = &self.overlay {
            let ask = ask.clone();
            self.uncover_if(|_| true);
            self.answered(ask, second);
        }
    }

    fn nick_answered(&mut self, typed: &str) {
        // Where nothing is pasted as a whole, it was typed.
        if self.nick.is_empty() && self.keep_until_named(typed) {
            return;
        }
        let error = match check_nick(typed) {
            Err(error) => error,
            Ok(()) if self.nick.is_empty() => {
                typed.trim().clone_into(&mut self.nick);
                return self.effect(Effect::Start(self.nick.clone()));
            }
            Ok(()) => match self.set_nick(typed) {
                Ok(()) => return,
                Err(error) => error,
            },
        };
        let text = sentence::command_error(&self.l10n, &error);
        self.lay(Overlay::mended(Ask::Nick, typed, text));
    }

    fn ask_for_passphrase(&mut self, locks: bool, error: String) {
        self.lay(Overlay::mended(Ask::Passphrase { locks }, "", error));
    }

    /// Answers the question that is open with yes or no.
    pub(crate) fn answer(&mut self, yes: bool) {
        match self.overlay.take() {
            Some(Overlay::Code(comparing)) => {
                self.overlay = Some(Overlay::Code(comparing));
                self.code_compared(comparing, yes);
            }
            Some(Overlay::Confirm(confirmation)) if yes => {
                self.changes.overlay = true;
                self.confirmed(&confirmation);
            }
            Some(Overlay::Join(joining)) if yes => {
                self.changes.overlay = true;
                self.join_agreed(&joining);
            }
            over => {
                let is_asked = matches!(over, Some(Overlay::Confirm(_) | Overlay::Join(_)));
                self.overlay = over;
                if is_asked {
                    self.back();
                }
            }
        }
    }

    fn confirmed(&mut self, confirmation: &Confirmation) {
        match confirmation {
            Confirmation::Clear(place) => self.clear_room(*place),
            Confirmation::ClearServer(server) => self.clear(*server),
            Confirmation::DeleteRoom(place) => {
                self.on(place.server, Action::DeleteRoom { room: place.room() });
            }
            Confirmation::ClearAll => {
                let servers: Vec<ServerId> = self.desk.servers().iter().map(|server| server.id).collect();
                servers.into_iter().for_each(|server| self.clear(server));
            }
            Confirmation::Remove(server) | Confirmation::WrongIdentity(server) => {
                self.remove(*server);
            }
            Confirmation::Delete(server, message) => self.delete_confirmed(*server, *message),
            Confirmation::Leave(server) => self.on(*server, Action::Disconnect),
            Confirmation::Connect(server) => self.on(*server, Action::Connect),
            Confirmation::Replace(server) | Confirmation::ReplaceElsewhere(server) => {
                self.replacement_agreed(*server);
            }
            Confirmation::RenewInvitations(server) => {
                self.renewing = Some(*server);
                self.on(*server, Action::RenewInvitations);
            }
            Confirmation::Evict(server, person) => self.on(*server, Action::Evict { person: *person }),
            Confirmation::StopHosting => self.stop_hosting(),
            Confirmation::ForgetHosting => {
                self.effect(Effect::Relay(RelayEffect::Forget));
                self.stop_hosting();
            }
            Confirmation::Disconnect(visitor) => {
                if let Some(connection) = visitor.connection() {
                    self.effect(Effect::Relay(RelayEffect::Disconnect(connection.id)));
                }
                self.show_connections(Some(visitor));
            }
            Confirmation::Ban(visitor, _) => {
                self.effect(Effect::Relay(RelayEffect::Ban(visitor.address)));
                self.show_connections(Some(visitor));
            }
            Confirmation::Quit(_) => self.effect(Effect::Quit),
        }
    }

    /// Clears a room on this screen.
    fn clear_room(&mut self, place: Place) {
        let Place { server, conversation } = place;
        if let Some(known) = self.desk.server_mut(server) {
            known.clear_conversation(conversation);
        }
        self.changes.session_over = true;
        self.on(server, Action::ClearConversation { conversation });
        self.ask_for_memory_of(server);
        if self.place == Some(place) {
            self.shows(self.place);
        }
    }

    /// Clears all rooms of a server on this screen.
    fn clear(&mut self, server: ServerId) {
        if let Some(known) = self.desk.server_mut(server) {
            known.clear();
        }
        self.changes.session_over = true;
        self.on(server, Action::Clear);
        self.ask_for_memory_of(server);
        if self.server == Some(server) {
            self.shows(self.place);
        }
    }

    /// Switches between pictures and numbers, or between link and QR code.
    pub(crate) fn toggle(&mut self) {
        match &mut self.overlay {
            Some(Overlay::Code(comparing)) => comparing.as_numbers = !comparing.as_numbers,
            Some(Overlay::PairCode(paired)) => paired.as_numbers = !paired.as_numbers,
            Some(Overlay::Invitation(invited)) => invited.shows_code = !invited.shows_code,
            _ => return,
        }
        self.changes.overlay = true;
    }

    pub(crate) fn copy_invitation(&mut self) {
        if let Some(Overlay::Invitation(invited)) = &self.overlay {
            let link = Sanitised::of(&invited.link);
            self.effect(Effect::Copy(link));
        }
    }

    pub(crate) fn ask_to_renew(&mut self) {
        if let Some(Overlay::Invitation(invited)) = &self.overlay
            && invited.can_renew
        {
            let server = invited.server;
            self.lay(Overlay::Confirm(Confirmation::RenewInvitations(server)));
        }
    }

    pub(crate) fn change_address(&mut self) {
        if let Some(Overlay::Invitation(invited)) = &self.overlay
            && invited.is_ours
        {
            let link = invited.link.clone();
            self.lay(Overlay::ask(Ask::HostAddress(link)));
        }
    }

    pub(crate) fn lock(&mut self) {
        if self.lock.lock() {
            log_lines::note_locked();
            self.overlay = None;
            self.toast = None;
            self.changes.looks_otherwise();
        } else {
            self.lay(Overlay::ask(Ask::Passphrase { locks: true }));
        }
    }
}
