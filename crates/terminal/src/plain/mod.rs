//! Plain lines: sends what people type, and prints what happens.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | the conversation: events in, lines in |
//! | `commands.rs` | the meaning of a typed line |
//! | `fold.rs` | how texts of others are folded |
//! | `screen.rs` | what is printed |
//!
//! The program is `shepot_app`, which decides what happens with a line and with an event. An overlay is printed here,
//! and closed at once.

mod commands;
mod fold;
mod screen;

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use shepot_app::confirmation::Confirmation;
use shepot_app::{App, Effect, Msg, Origin, OutsideMsg, OverMsg, Overlay, PageMsg, Setup};
use shepot_client::model::{ConnectionState, ConversationId, Delivery, Message, RoomId, ServerId};
use shepot_client::{Command, Engine, Event};
use shepot_hosting::{LocalRelay, Options};
use shepot_view::clock::{Clock, WallClock};
use shepot_view::command::Command as KeyCommand;
use shepot_view::desk::{Item, Place, Server};
use shepot_view::slash::Meaning;
use shepot_view::{L10n, posture, sentence};
use tokio::sync::mpsc;

use fold::folded;
use screen::{Printed, line_of};

use crate::arguments::Arguments;
use crate::hosting;
use crate::input::{self, Line, NotUtf8, Typed};
use crate::output;

pub(crate) async fn run(arguments: Arguments, l10n: L10n) -> Result<(), String> {
    let mut lines = input::lines();
    let Started { nick, engine, events, pasted } = start_engine(&arguments, &mut lines, &l10n).await?;
    let entry = match hosting::entry_from_arguments(&arguments, &mut lines, &l10n).await? {
        _ if arguments.host => None,
        Some(entry) => Some(entry),
        None if pasted.is_some() => pasted,
        None => Some(ask(&mut lines, &l10n.tr("terminal-ask-entry", &[]), &l10n).await?),
    };
    let clock = Clock::of_system();
    let mut plain = Plain {
        app: App::new(Setup::over(l10n, WallClock::of_system(true)), clock.now()),
        engine,
        relay: LocalRelay::default(),
        options: hosting::options(&arguments),
        clock,
        effects: VecDeque::new(),
        printed: BTreeMap::new(),
        server: None,
        not_added: String::new(),
        leaving: false,
    };
    plain.send(OutsideMsg::Started(nick));
    plain.send(match entry {
        Some(entry) => PageMsg::Add(entry.to_string(), Origin::Asked).into(),
        None => Msg::Run(KeyCommand::Host),
    });
    plain.show(false)?;
    let ended = plain.converse(events, lines).await;
    plain.send(Msg::Wipe);
    plain.relay.stop().await;
    ended
}

/// What there is once the person has a nick.
struct Started {
    nick: String,
    engine: Engine,
    events: mpsc::Receiver<Event>,
    /// The invitation that was pasted instead of a nick.
    pasted: Option<Line>,
}

/// Asks for a nick until it is valid.
async fn start_engine(
    arguments: &Arguments,
    lines: &mut mpsc::Receiver<Typed>,
    l10n: &L10n,
) -> Result<Started, String> {
    if let Some(nick) = arguments.nick.clone() {
        let (engine, events) =
            Engine::start(&nick, None).map_err(|error| sentence::command_error(l10n, &error))?;
        return Ok(Started { nick, engine, events, pasted: None });
    }
    let mut pasted = None;
    loop {
        let nick = ask(lines, &l10n.tr("terminal-ask-nick", &[]), l10n).await?;
        if nick.trim_start().to_lowercase().starts_with("shepot:") {
            pasted = Some(nick);
            continue;
        }
        match Engine::start(&nick, None) {
            Ok((engine, events)) => return Ok(Started { nick: nick.to_string(), engine, events, pasted }),
            Err(error) if lines.is_closed() => return Err(sentence::command_error(l10n, &error)),
            Err(error) => {
                output::line(&sentence::command_error(l10n, &error))?;
            }
        }
    }
}

async fn ask(lines: &mut mpsc::Receiver<Typed>, question: &str, l10n: &L10n) -> Result<Line, String> {
    loop {
        output::prompt(question)?;
        match lines.recv().await {
            Some(Ok(line)) => return Ok(line),
            Some(Err(NotUtf8)) => output::line(&l10n.tr("terminal-not-utf8", &[]))?,
            // The end of input where an answer is needed: nothing was wanted.
            None => return Ok(Line::default()),
        }
    }
}

struct Plain {
    app: App,
    engine: Engine,
    relay: LocalRelay,
    options: Options,
    clock: Clock,
    effects: VecDeque<Effect>,
    printed: BTreeMap<ServerId, Printed>,
    /// The open server, as last printed.
    server: Option<ServerId>,
    /// Why the first entry led nowhere, as it was said last.
    not_added: String,
    leaving: bool,
}

impl Plain {
    async fn converse(
        &mut self,
        mut events: mpsc::Receiver<Event>,
        mut lines: mpsc::Receiver<Typed>,
    ) -> Result<(), String> {
        let mut reading = true;
        let mut stop = std::pin::pin!(hosting::stop_signal());
        let mut stopping = false;
        loop {
            self.carry_out().await?;
            tokio::select! {
                event = events.recv() => match event {
                    None | Some(Event::Ended) => return Ok(()),
                    Some(event) => self.event(event)?,
                },
                line = lines.recv(), if reading => match line {
                    Some(Ok(line)) => self.line(&line)?,
                    Some(Err(NotUtf8)) => self.print_tr("terminal-not-utf8", &[])?,
                    None => { reading = false; self.leave().await }
                },
                () = &mut stop, if !stopping => {
                    stopping = true;
                    self.leave().await;
                }
            }
        }
    }

    async fn leave(&mut self) {
        self.leaving = true;
        // Ended already: the events say so.
        let _ = self.engine.command(Command::Quit).await;
    }

    /// Sends the program a message.
    fn send(&mut self, msg: impl Into<Msg>) {
        self.effects.extend(self.app.update(msg, self.clock.now()));
    }

    /// Carries out the program's effects.
    async fn carry_out(&mut self) -> Result<(), String> {
        while let Some(effect) = self.effects.pop_front() {
            match effect {
                Effect::Engine(request) => {
                    // Ended already: the events say so.
                    let _ = self.engine.request(request.0).await;
                }
                Effect::Host => self.host().await?,
                Effect::StopHosting => self.relay.stop().await,
                Effect::Relay(effect) => {
                    let told = shepot_app::local_relay::carry_out(&self.relay, &effect);
                    told.into_iter().for_each(|msg| self.send(msg));
                }
                Effect::Quit => self.leave().await,
                // Lines have none of this, and keep nothing.
                Effect::Start(_)
                | Effect::Copy(_)
                | Effect::ForgetCopied
                | Effect::ForgetSelected
                | Effect::Notify
                | Effect::Keep
                | Effect::OpenLink(_)
                | Effect::PaintAvatar(_)
                | Effect::Toggle(_)
                | Effect::Panic => {}
            }
        }
        Ok(())
    }

    async fn host(&mut self) -> Result<(), String> {
        let started = self.relay.start(self.options.clone()).await;
        let hosted = started.map_err(|error| hosting::sentence(&self.app.l10n, error))?;
        self.print_hosted(&hosted)?;
        let told = shepot_app::local_relay::started(&mut self.relay, hosted);
        told.into_iter().for_each(|msg| self.send(msg));
        Ok(())
    }

    fn print(&self, text: &str) -> Result<(), String> {
        output::line(&folded(text, output::columns()))
    }

    fn print_tr(&self, name: &str, values: &[(&str, &str)]) -> Result<(), String> {
        self.print(&self.app.tr(name, values))
    }

    /// Prints what the program shows now. An overlay counts as read then, and a question as answered with yes if the
    /// person `means` it.
    fn show(&mut self, means: bool) -> Result<(), String> {
        if self.app.take_changes().toast
            && let Some(toast) = &self.app.toast
        {
            self.print(&toast.text)?;
        }
        if !self.app.not_added.is_empty() && self.app.not_added != self.not_added {
            self.not_added.clone_from(&self.app.not_added);
            self.print(&self.not_added)?;
            self.print_tr("terminal-add-again", &[])?;
        }
        while let Some(over) = self.app.overlay.as_ref().filter(|over| is_whole(over)) {
            let asked = if let Overlay::Confirm(asked) = over { Some(*asked) } else { None };
            self.print_over(over)?;
            match asked.filter(|_| means) {
                // Lines of all rooms stand among each other on this screen.
                Some(Confirmation::ClearServer(server) | Confirmation::Clear(Place { server, .. })) => {
                    self.send(OverMsg::Answer(true));
                    self.cleared(server)?;
                }
                Some(_) => self.send(OverMsg::Answer(true)),
                None => self.send(Msg::Back),
            }
        }
        // Nothing is written anywhere but in lines, and each is one by itself.
        self.send(Msg::Line(Meaning::Said(String::new()), None));
        self.went()
    }

    /// Prints where the person is, if that has changed.
    fn went(&mut self) -> Result<(), String> {
        let before = std::mem::replace(&mut self.server, self.app.server);
        let is_elsewhere = self.server != before;
        if is_elsewhere {
            self.list_servers()?;
        }
        let is_in = self.app.shown().is_some_and(Server::shows_conversation);
        let printed = self.server.and_then(|server| self.printed.get_mut(&server));
        let (Some(printed), Some(place)) = (printed, self.app.place) else { return Ok(()) };
        // Where there is nothing to read the room is told when there is.
        let is_main = place.conversation == ConversationId::MAIN;
        let is_known = printed.told.map_or(is_main, |told| told == place.conversation);
        if is_elsewhere {
            printed.unread = 0;
        }
        if is_in && (!is_known || (is_elsewhere && !is_main)) {
            printed.told = Some(place.conversation);
            self.print_tr("terminal-in-room", &[("room", &self.app.room_name())])?;
        }
        if is_elsewhere { self.missed() } else { Ok(()) }
    }

    fn event(&mut self, event: Event) -> Result<(), String> {
        // These are told by whoever brings them, and not by a word about them.
        let says_itself = matches!(event, Event::ConnectionError { .. } | Event::NotAdded { .. });
        let is_refused = matches!(event, Event::Refused { .. });
        self.send(OutsideMsg::Engine(event.clone()));
        if is_refused && self.app.overlay.as_ref().is_some_and(|over| !is_whole(over)) {
            // The code does not come.
            self.send(Msg::Back);
        }
        if says_itself {
            self.app.take_changes();
        }
        self.told(event)?;
        self.show(false)
    }

    /// Prints an event of the engine.
    #[allow(clippy::too_many_lines, reason = "an arm for each kind")]
    fn told(&mut self, event: Event) -> Result<(), String> {
        let l10n = Rc::clone(&self.app.l10n);
        match event {
            Event::Added { server, is_open, address, .. } => {
                self.printed.insert(server, Printed::default());
                self.server = self.app.server;
                self.print_tr("terminal-server-added", &[("address", &address)])?;
                if is_open { self.print_tr("open-server", &[]) } else { Ok(()) }
            }
            Event::NotAdded { error, .. } => {
                self.not_added.clone_from(&self.app.not_added);
                self.print(&sentence::entry_error(&l10n, &error))?;
                if self.printed.is_empty() { self.print_tr("terminal-add-again", &[]) } else { Ok(()) }
            }
            Event::Removed { server } => {
                self.printed.remove(&server);
                Ok(())
            }
            Event::State { server, state } => self.state(server, state),
            Event::Message { server, message } => self.message(server, &message, false),
            Event::Changed { server, message } => self.message(server, &message, true),
            Event::SystemEvent { server, system_event: event, .. } => {
                let Some(shown) = self.app.desk.server(server) else { return Ok(()) };
                self.about(server, &sentence::system_event(&l10n, &event, &shown.rooms, &shown.people))
            }
            Event::ConnectionError { server, error } => {
                self.about(server, &sentence::connection_error(&l10n, &error))
            }
            Event::Memory { server, bytes } => self.about(server, &posture::held_here(&l10n, bytes)),
            Event::Snapshot { server, state, .. } => {
                let Some(printed) = self.printed.get_mut(&server) else { return Ok(()) };
                printed.awaits_snapshot = false;
                if printed.state.as_ref() != Some(&state) {
                    self.state(server, state)?;
                }
                if self.app.server == Some(server) { self.missed() } else { Ok(()) }
            }
            Event::Reload => {
                self.printed.values_mut().for_each(|printed| printed.awaits_snapshot = true);
                self.print_tr("terminal-reload", &[])
            }
            Event::Gone { server, messages } => {
                self.about(server, &l10n.tr("terminal-gone", &[("count", &messages.len().to_string())]))
            }
            // What the program shows of it is printed, and what the person wanted so is not.
            Event::Discarded { .. }
            | Event::Invitation { .. }
            | Event::Address { .. }
            | Event::Circle { .. }
            | Event::CirclePicture { .. }
            | Event::People { .. }
            | Event::PairCode { .. }
            | Event::Record { .. }
            | Event::Refused { .. }
            | Event::Renewed { .. }
            | Event::Rooms { .. }
            | Event::SafetyCode { .. }
            | Event::Typing { .. }
            | Event::Avatar { .. }
            | Event::Epoch { .. }
            | Event::Done { .. }
            | Event::Ended => Ok(()),
        }
    }

    fn state(&mut self, server: ServerId, state: ConnectionState) -> Result<(), String> {
        let Some(printed) = self.printed.get_mut(&server) else { return Ok(()) };
        // That the connection is gone is said once, not at every try.
        let is_another_try = |state: &ConnectionState| {
            matches!(state, ConnectionState::Connecting | ConnectionState::Reconnecting { attempt: 2.., .. })
        };
        let was_lost =
            matches!(printed.state, Some(ConnectionState::Reconnecting { .. } | ConnectionState::Connecting));
        let repeated = printed.state.as_ref() == Some(&state) || (was_lost && is_another_try(&state));
        printed.state = Some(state.clone());
        if repeated || (self.leaving && state != ConnectionState::Disconnected) {
            return Ok(());
        }
        self.about(server, &sentence::state(&self.app.l10n, &state))
    }

    /// Prints a line about a server, with its name if another one is open.
    fn about(&self, server: ServerId, text: &str) -> Result<(), String> {
        match self.app.desk.server(server) {
            Some(shown) if self.app.server != Some(server) => {
                self.print(&format!("* [{}] {text}", shown.name))
            }
            Some(_) | None => self.print(&format!("* {text}")),
        }
    }

    /// Prints the messages of the open server after the last printed one. Its other events were printed when they
    /// happened, with the server's name.
    fn missed(&mut self) -> Result<(), String> {
        let Some((server, shown)) = self.app.server.zip(self.app.shown()) else { return Ok(()) };
        let Some(printed) = self.printed.get(&server) else { return Ok(()) };
        let mut missed = Vec::new();
        for (_, item) in shown.timeline().iter().rev() {
            match item {
                Item::Message(message) if printed.transcript.known(message.id).is_some() => break,
                Item::Message(message) => missed.push(Arc::clone(message)),
                Item::SystemEvent { .. } => {}
            }
        }
        missed.into_iter().rev().try_for_each(|message| self.message(server, &message, false))
    }

    fn message(&mut self, server: ServerId, message: &Message, changed: bool) -> Result<(), String> {
        let is_in_front = self.app.server == Some(server);
        let (Some(printed), Some(shown)) = (self.printed.get_mut(&server), self.app.desk.server(server))
        else {
            return Ok(());
        };
        // Our own shows when it has its place; while there is no connection, it shows that it waits.
        let waits = message.delivery == Delivery::Pending;
        if waits && shown.is_connected() {
            return Ok(());
        }
        if !is_in_front || printed.awaits_snapshot {
            // It is numbered and printed when the person goes there.
            printed.unread += u64::from(!changed && !is_in_front);
            return Ok(());
        }
        let is_printed = printed.transcript.known(message.id).is_some();
        if is_printed && !changed && message.delivery == Delivery::Received {
            // Its author gave it again after the server's restart; the line stands where it was read.
            return Ok(());
        }
        let number = printed.transcript.number(message.id);
        let held = message.delivery == Delivery::Held;
        let room = self.app.place.map_or(RoomId::MAIN, |place| place.room());
        let mut text = line_of(&self.app.l10n, (shown, &printed.transcript, room), message, number, changed);
        if waits {
            text.push_str(&format!(" ({})", self.app.tr("terminal-waits", &[])));
        }
        self.print(&text)?;
        if held {
            self.print_tr("terminal-held", &[("number", &number.to_string())])?;
        }
        Ok(())
    }
}

/// Whether an overlay has everything that it needs to be printed.
fn is_whole(over: &Overlay) -> bool {
    !matches!(over, Overlay::Code(comparing) if comparing.shown.is_none())
}
