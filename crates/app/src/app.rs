//! The entry point of the program: messages in, effects out.

use std::ops::Deref;
use std::time::Duration;

use shepot_client::Command as EngineCommand;
use shepot_preferences::AvatarKind;
use shepot_view::clock::Now;
use shepot_view::sentence;

use crate::changes::Changes;
use crate::confirmation::Confirmation;
use crate::effect::Effect;
use crate::kept::Origin;
use crate::msg::{Copied, Msg, OutsideMsg, OverMsg, PageMsg};
use crate::overlay::{Ask, Offered, Overlay};
use crate::page::{Layout, Page, Setup};
use crate::state::{COPIED_FOR, State};
use crate::toast::Sign;

/// The whole program without a toolkit. Interfaces read its [`State`], and change it by messages only.
pub struct App {
    state: State,
    /// The version of the composer's text that the interface knows.
    shown_text: u64,
}

impl Deref for App {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl App {
    /// A program with this setup at this moment.
    #[must_use]
    pub fn new(setup: Setup, now: Now) -> Self {
        Self { state: State::new(setup, now), shown_text: 0 }
    }

    /// Takes a message at this moment. Returns what has to be done outside.
    pub fn update(&mut self, msg: impl Into<Msg>, now: Now) -> Vec<Effect> {
        let (msg, state) = (msg.into(), &mut self.state);
        state.now = now;
        let bar = state.composer.bar();
        let had_completions = !state.composer.completions.offered.is_empty();
        let is_written = matches!(msg, Msg::Written(..));
        state.update(msg);
        state.looked();
        let puts_away =
            state.layout == Layout::Over && !state.is_searching() && !state.search.wanted().is_empty();
        if state.changes.session_over || puts_away {
            state.look_for(String::new());
        }
        let version = state.composer.field.version();
        state.changes.field |= version != self.shown_text && !is_written;
        self.shown_text = version;
        state.changes.composer |= bar != state.composer.bar();
        state.changes.completions |= had_completions || !state.composer.completions.offered.is_empty();
        std::mem::take(&mut state.effects)
    }

    /// What changed since the last call.
    pub fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.state.changes)
    }

    /// When time next changes something by itself, on the steady clock: [`OutsideMsg::Tick`] is due then. `None`:
    /// never.
    #[must_use]
    pub fn next_tick(&self) -> Option<Duration> {
        let state = &self.state;
        let toast = state.toast.as_ref().map(|toast| toast.until);
        let copied =
            state.copied.filter(|_| state.preferences.clears_clipboard).map(|(at, _)| at + COPIED_FOR);
        let minutes = u64::from(state.preferences.lock_after_minutes);
        let locks = minutes > 0 && state.lock.has_passphrase() && !state.lock.is_locked();
        let idle = locks.then(|| state.active_at.steady + Duration::from_secs(minutes * 60));
        [toast, copied, idle, state.avatar.next()].into_iter().flatten().min()
    }
}

impl State {
    fn update(&mut self, msg: Msg) {
        if matches!(msg, Msg::Enter | Msg::Line(..) | Msg::Message(..)) {
            // What went wrong before is not about what is done now.
            self.forget_problem();
        }
        match msg {
            Msg::Looks(is_looking) => self.is_looking = is_looking,
            Msg::Active(is_active) => {
                self.is_active = is_active;
                self.is_used();
            }
            Msg::Activity => self.is_used(),
            Msg::Close => self.close(),
            Msg::Run(command) => self.command_given(command),
            Msg::Back => self.back(),
            Msg::Go(place) => self.go(place),
            Msg::GoToServer(server) => self.go_to_server(server),
            Msg::GoToServerAt(at) => self.go_to_server_at(at),
            Msg::Edit(edit) => self.write(&edit),
            Msg::Written(text, cursor) => self.written(&text, cursor),
            Msg::Paste(text) => self.paste(text),
            Msg::Enter => self.enter(),
            Msg::Line(meaning, about) => self.obey_whole_line(meaning, about),
            Msg::Complete => self.complete(),
            Msg::NextCompletion { back } => self.composer.choose(back),
            Msg::TakeCompletion(at) => {
                self.composer.chosen = at;
                self.complete();
            }
            Msg::EditLast => {
                let last = self.place.and_then(|place| self.shown()?.last_own(place.conversation));
                if let Some(last) = last {
                    self.edit(last);
                }
            }
            Msg::Select(message) => self.selected = message,
            Msg::Message(message, action) => self.act_on(message, action),
            Msg::React(message, emoji) => self.react(message, &emoji),
            Msg::Mention(person) => self.mention(&person),
            Msg::SetTimer => self.set_timer(None),
            Msg::Remedy => self.take_remedy(),
            Msg::CloseBanner => {
                self.close_banner();
            }
            Msg::Panic => self.panic(),
            Msg::Wipe => self.wipe(),
            Msg::Undo => self.undo(),
            Msg::HoldToast(holds) => {
                if let Some(toast) = &mut self.toast {
                    toast.hold(holds, self.now.steady);
                }
            }
            Msg::Over(msg) => self.update_over(msg),
            Msg::Page(msg) => self.update_page(msg),
            Msg::Outside(msg) => self.update_from_outside(msg),
        }
    }

    /// Handles messages about an overlay.
    fn update_over(&mut self, msg: OverMsg) {
        if self.lock.is_locked() && !matches!(msg, OverMsg::Unlock(_)) {
            return;
        }
        match msg {
            OverMsg::Move(by) => self.move_choice(by),
            OverMsg::Pick(line) => self.pick(line),
            OverMsg::Answer(yes) => self.answer(yes),
            OverMsg::AnswerAlso => self.say_invitation(),
            OverMsg::Toggle => self.toggle(),
            OverMsg::CopyInvitation => self.copy_invitation(),
            OverMsg::RenewInvitations => self.ask_to_renew(),
            OverMsg::ChangeAddress => self.change_address(),
            OverMsg::EvictChosen => {
                if let Some(person) = self.chosen_person() {
                    self.ask_to_evict(person);
                }
            }
            OverMsg::PairCodeOfChosen => {
                if let Some(person) = self.chosen_person() {
                    self.ask_for_pair_code(person);
                }
            }
            OverMsg::Connection(action) => self.act_on_connection(action),
            OverMsg::AskToStopHosting { forgets: true } => {
                self.lay(Overlay::Confirm(Confirmation::ForgetHosting));
            }
            OverMsg::AskToStopHosting { forgets: false } => self.ask_to_stop_hosting(),
            OverMsg::AskToClearAll => self.lay(Overlay::Confirm(Confirmation::ClearAll)),
            OverMsg::Visitor(visitor, action) => self.act_on_visitor(&visitor, action),
            OverMsg::OpenMenu(of) => self.open_menu(of),
            OverMsg::OpenEmoji(wanted) => self.lay(Overlay::list(Offered::Emoji(wanted), 0)),
            OverMsg::PickEmoji(wanted, emoji) => {
                self.uncover_if(|_| true);
                self.emoji_picked(wanted, &emoji);
            }
            OverMsg::Passphrases(first, second) => self.passphrases(&first, &second),
            OverMsg::AskPassphrase => self.lay(Overlay::ask(Ask::Passphrase { locks: false })),
            OverMsg::Unlock(typed) => {
                self.lock.field.set(&typed);
                self.unlock();
            }
            OverMsg::OpenLink(link) => self.open_link(link),
            // What is in the clipboard is not given away for nothing.
            OverMsg::Copy(text) if text.is_empty() => {}
            OverMsg::Copy(text) => self.effect(Effect::Copy(text)),
            OverMsg::AskNick => self.lay(Overlay::ask(Ask::Nick)),
            OverMsg::Wanted(text) => self.wanted(&text),
        }
    }

    /// Handles messages about pages.
    fn update_page(&mut self, msg: PageMsg) {
        match msg {
            PageMsg::OpenPage(Page::Room) => self.close_page(),
            PageMsg::OpenPage(page) => self.open_page(page),
            PageMsg::GoIn(nick, way) => self.go_in(&nick, way),
            PageMsg::Add(entry, origin) => self.add(&entry, origin),
            PageMsg::EntryEdited(origin) => self.forget_entry_error(origin),
            PageMsg::MoveServer(server, to) => self.move_server(server, to),
            PageMsg::TurnServer(server) => self.turn_server(server),
            PageMsg::OpenServer(server) => self.open_server(server),
            PageMsg::EditServer(server) => self.lay(Overlay::EditServer(server, String::new())),
            PageMsg::SaveServer(server, name, address) => self.save_server(server, &name, &address),
            PageMsg::SetCirclePicture(server, image) => self.set_circle_picture(server, &image),
            PageMsg::ConnectAtStart(server, connects) => self.connect_at_start(server, connects),
            PageMsg::NotifyAbout(server, about) => self.notify_about(server, about),
            PageMsg::SetPreferences(preferences) => self.set_preferences(*preferences),
            PageMsg::ShowMoods(is_open) => self.keep(|preferences| preferences.moods_open = is_open),
            PageMsg::Resized(width, height) => self.preferences.window = Some((width, height)),
            PageMsg::SetLanguage(language) => self.set_language(language),
            PageMsg::SetNick(nick) => {
                if let Err(error) = self.set_nick(&nick) {
                    self.refuse(&error);
                }
            }
            PageMsg::TurnMood(mood) => {
                let is_on = self.mood == Some(mood);
                self.set_mood(Some(mood).filter(|mood| !is_on && *mood != 0));
            }
            PageMsg::Look(kind, emoji, picture) => self.look(kind, emoji, picture.as_deref()),
            PageMsg::AskForMemory => self.ask_for_memory(),
            PageMsg::LookFor(wanted) => self.look_for(wanted),
            PageMsg::GoToHit(at) => self.go_to_hit(Some(at)),
            PageMsg::GoToNextHit { back } => self.go_to_hit(self.search.next(back)),
        }
    }

    /// Handles messages from outside.
    fn update_from_outside(&mut self, msg: OutsideMsg) {
        match msg {
            OutsideMsg::Engine(event) => self.event(event),
            OutsideMsg::Tick => self.tick(),
            OutsideMsg::Begin => self.begin(),
            OutsideMsg::NotTaken(request) => self.not_taken(request),
            OutsideMsg::Copied(copied) => self.copied(copied),
            OutsideMsg::ForgotCopied => self.copied = None,
            OutsideMsg::AvatarPainted(image) => self.avatar_painted(image),
            OutsideMsg::Started(nick) => {
                self.nick = nick;
                self.uncover_if(|over| over.asks_for_nick());
                self.ask_for_what_unlocks();
                if let Some(link) = self.adding.until_named.take() {
                    self.add(&link, Origin::Asked);
                }
            }
            OutsideMsg::NotStarted(error) => {
                self.nick.clear();
                let text = sentence::command_error(&self.l10n, &error);
                self.lay(Overlay::mended(Ask::Nick, "", text));
            }
            OutsideMsg::Hosted { at, invitation, moved_from } => self.hosted(at, &invitation, moved_from),
            OutsideMsg::NotHosted(why) => self.not_hosted(why),
            OutsideMsg::KeptHosting(kept) => self.keep_hosting(kept),
            OutsideMsg::Visitors(visitors) => self.looked_at(*visitors),
            OutsideMsg::OwnAddress => self.say_own_address(),
            OutsideMsg::Problem(text) => self.complain(text),
            OutsideMsg::Told(text) => self.tell(text),
            OutsideMsg::Handed(entry) => self.handed(entry),
            // Nobody can be asked.
            OutsideMsg::Ending => self.effect(Effect::Quit),
            OutsideMsg::Zone(clock) => {
                self.clock = clock;
                self.changes.looks_otherwise();
            }
        }
    }

    /// Starts with the stored profile and the stored servers.
    fn begin(&mut self) {
        if !self.nick.is_empty() {
            self.command(EngineCommand::SetProfile { nick: self.nick.clone(), mood: None });
        }
        if self.preferences.profile.avatar != AvatarKind::Letter {
            self.paint_avatar();
        }
        self.add_kept();
        self.changes.everything();
        if !self.nick.is_empty() {
            self.ask_for_what_unlocks();
        }
        let starts = self.preferences.hosting.as_ref().is_some_and(|hosting| hosting.starts_with_program);
        if starts && !self.nick.is_empty() {
            self.host();
        }
    }

    /// Does what is due by time.
    fn tick(&mut self) {
        let now = self.now.steady;
        self.changes.toast |= self.toast.take_if(|toast| toast.is_over(now)).is_some();
        let is_late = self.copied.is_some_and(|(at, _)| now.saturating_sub(at) >= COPIED_FOR);
        if is_late && self.preferences.clears_clipboard {
            self.effect(Effect::ForgetCopied);
        }
        self.lock_when_idle();
        self.ask_about_handed();
        self.show_avatar_where_due();
        self.watch_visitors();
    }

    fn copied(&mut self, copied: Copied) {
        let copied = match copied {
            Copied::Done => format!("{}.", self.tr("ui-copied", &[])),
            Copied::Asked(sentence) => sentence,
            Copied::TooLong => return self.complain(self.tr("full-too-long-to-copy", &[])),
        };
        self.copied = Some((self.now.steady, self.server));
        // What was said of it already weighs more.
        if self.toast.as_ref().is_some_and(|toast| toast.sign == Sign::Owner) {
            return;
        }
        if !self.preferences.clears_clipboard {
            return self.tell(copied);
        }
        let seconds = COPIED_FOR.as_secs().to_string();
        self.tell(format!("{copied} {}", self.tr("ui-inv-clip", &[("n", &seconds)])));
    }
}
