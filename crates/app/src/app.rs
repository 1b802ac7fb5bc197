//! The way into the program, and out of it.

use std::ops::Deref;

use shepot_view::clock::{Now, WallClock};
use shepot_view::{L10n, sentence};

use crate::effect::Effect;
use crate::msg::{Changes, Msg};
use crate::overlay::{Ask, Overlay};
use crate::state::{COPIED_FOR, State};

/// The whole program without a toolkit. What it knows is read as its [`State`], and changed by messages alone.
pub struct App(State);

impl Deref for App {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}

impl App {
    /// Somebody without a nick, and no server.
    #[must_use]
    pub fn new(l10n: L10n, clock: WallClock, now: Now) -> Self {
        Self(State::new(l10n, clock, now))
    }

    /// Something happens at this moment. What is to be done then.
    pub fn update(&mut self, msg: Msg, now: Now) -> Vec<Effect> {
        let state = &mut self.0;
        state.now = now;
        state.update(msg);
        state.looked();
        std::mem::take(&mut state.effects)
    }

    /// What changed since this was asked last.
    pub fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.0.changes)
    }
}

impl State {
    fn update(&mut self, msg: Msg) {
        if matches!(msg, Msg::Enter | Msg::Message(..)) {
            // What went wrong before is not about what is done now.
            self.toast.take_if(|toast| toast.is_problem);
        }
        match msg {
            Msg::Engine(event) => self.event(event),
            Msg::Tick => self.tick(),
            Msg::Looks(is_looking) => self.is_looking = is_looking,
            Msg::Run(command) => self.command_given(command),
            Msg::Back => self.back(),
            Msg::Go(place) => self.go(place),
            Msg::GoToServer(server) => self.go_to_server(server),
            Msg::GoToServerAt(at) => self.go_to_server_at(at),
            Msg::Edit(edit) => self.write(&edit),
            Msg::Paste(text) => self.paste(text),
            Msg::Enter => self.enter(),
            Msg::Complete => self.complete(),
            Msg::NextCompletion { back } => self.composer.choose(back),
            Msg::TakeCompletion(at) => {
                self.composer.chosen = at;
                self.complete();
            }
            Msg::EditLast => {
                let last = self.place.and_then(|place| self.shown()?.last_own(place.room));
                if let Some(last) = last {
                    self.edit(last);
                }
            }
            Msg::Select(message) => self.selected = message,
            Msg::Message(message, action) => self.act_on(message, action),
            Msg::React(message, emoji) => self.react(message, &emoji),
            Msg::Mention(person) => self.mention(&person),
            Msg::Move(by) => self.move_choice(by),
            Msg::Pick(line) => self.pick(line),
            Msg::Answer(yes) => self.answer(yes),
            Msg::Toggle => self.toggle(),
            Msg::CopyInvitation => self.copy_invitation(),
            Msg::ChangeAddress => self.change_address(),
            Msg::EvictChosen => {
                if let Some(person) = self.chosen_person() {
                    self.ask_to_evict(person);
                }
            }
            Msg::PairCodeOfChosen => {
                if let Some(person) = self.chosen_person() {
                    self.ask_for_pair_code(person);
                }
            }
            Msg::Connection(action) => self.act_on_connection(action),
            Msg::AskNick => self.lay(Overlay::ask(Ask::Nick)),
            Msg::Started(nick) => {
                self.nick = nick;
                self.uncover_if(|over| over.asks_for_nick());
            }
            Msg::NotStarted(error) => {
                self.nick.clear();
                let text = sentence::command_error(&self.l10n, &error);
                self.lay(Overlay::mended(Ask::Nick, "", text));
            }
            Msg::Hosted { at, invitation, moved_from } => self.hosted(at, &invitation, moved_from),
            Msg::NotHosted(why) => self.not_hosted(why),
            Msg::Visitors(visitors) => self.looked_at(visitors),
            Msg::OwnAddress => self.is_own_address(),
            Msg::Copied(is_copied) => self.copied(is_copied),
            Msg::ForgotCopied => self.copied = None,
            Msg::Wipe => self.wipe(),
        }
    }

    /// Time passes.
    fn tick(&mut self) {
        let now = self.now.steady;
        self.toast.take_if(|toast| toast.is_over(now));
        if self.copied.is_some_and(|at| now.saturating_sub(at) >= COPIED_FOR) {
            self.effect(Effect::ForgetCopied);
        }
        self.watch_visitors();
    }

    fn copied(&mut self, is_copied: bool) {
        if is_copied {
            self.copied = Some(self.now.steady);
            self.tell(self.tr("ui-copied", &[]));
        } else {
            self.complain(self.tr("full-too-long-to-copy", &[]));
        }
    }
}
