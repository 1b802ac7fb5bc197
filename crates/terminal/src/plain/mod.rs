//! Plain lines: what people type goes out, what happens is printed.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | the conversation: events in, lines in |
//! | `commands.rs` | what a line of the person does |
//! | `fold.rs` | how texts of others stand on a screen |
//! | `screen.rs` | what is printed |

mod commands;
mod fold;
mod screen;

use std::collections::BTreeMap;

use shepot_client::model::{CommandError, ConnectionState, Delivery, Message, ServerId, TimelineItem};
use shepot_client::{Action, Command, Engine, Event};
use shepot_hosting::Hosted;
use shepot_view::desk::{Desk, Server};
use shepot_view::{L10n, people, posture, safety, sentence, server_record};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use fold::folded;
use screen::{Printed, line_of, show_hosted, show_invitation};

use crate::arguments::Arguments;
use crate::hosting;
use crate::input::{self, Line};
use crate::output;

pub(crate) async fn run(arguments: Arguments, l10n: L10n) -> Result<(), String> {
    let mut lines = input::lines();
    let Started { nick, engine, events, pasted } = start_engine(&arguments, &mut lines, &l10n).await?;
    let hosted = match arguments.host {
        true => Some(hosting::start(&arguments, &l10n).await?),
        false => None,
    };
    let entry = match &hosted {
        Some(hosted) => {
            show_hosted(&l10n, hosted)?;
            hosted.local_invitation.clone()
        }
        None => match hosting::entry_from_arguments(&arguments, &mut lines, &l10n).await? {
            Some(entry) => entry,
            None if pasted.is_some() => pasted.unwrap_or_default(),
            None => ask(&mut lines, &l10n.tr("terminal-ask-entry", &[])).await?,
        },
    };
    let mut plain = Plain {
        l10n,
        engine,
        nick,
        mood: None,
        desk: Desk::default(),
        printed: BTreeMap::new(),
        current: None,
        leaving: false,
        hosted,
    };
    plain.add(&entry).await;
    drop(entry);
    let ended = plain.converse(events, lines).await;
    if let Some(hosted) = plain.hosted.take() {
        hosted.stop().await;
    }
    ended
}

/// What is there when the person has a nick.
struct Started {
    nick: String,
    engine: Engine,
    events: mpsc::Receiver<Event>,
    /// An invitation that was pasted where the nick was asked for.
    pasted: Option<Line>,
}

/// Asks for a nick until there is one that can be used.
async fn start_engine(
    arguments: &Arguments,
    lines: &mut mpsc::Receiver<Line>,
    l10n: &L10n,
) -> Result<Started, String> {
    if let Some(nick) = arguments.nick.clone() {
        let (engine, events) =
            Engine::start(&nick, None).map_err(|error| sentence::command_error(l10n, &error))?;
        return Ok(Started { nick, engine, events, pasted: None });
    }
    let mut pasted = None;
    loop {
        let nick = ask(lines, &l10n.tr("terminal-ask-nick", &[])).await?;
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

async fn ask(lines: &mut mpsc::Receiver<Line>, question: &str) -> Result<Line, String> {
    output::prompt(question)?;
    // The end of input where an answer is needed: nothing was wanted.
    Ok(lines.recv().await.unwrap_or_default())
}

/// What is copied as a whole, or obeyed by the terminal.
fn print_whole(text: &str) -> Result<(), String> {
    output::line(text)
}

struct Plain {
    l10n: L10n,
    engine: Engine,
    nick: String,
    mood: Option<u8>,
    desk: Desk,
    printed: BTreeMap<ServerId, Printed>,
    current: Option<ServerId>,
    leaving: bool,
    hosted: Option<Hosted>,
}

impl Plain {
    async fn converse(
        &mut self,
        mut events: mpsc::Receiver<Event>,
        mut lines: mpsc::Receiver<Line>,
    ) -> Result<(), String> {
        let mut reading = true;
        let mut stop = std::pin::pin!(hosting::stop_signal());
        let mut stopping = false;
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    None | Some(Event::Ended) => return Ok(()),
                    Some(event) => self.event(event).await?,
                },
                line = lines.recv(), if reading => match line {
                    Some(line) => self.line(&line).await?,
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
        self.command(Command::Quit).await;
    }

    async fn command(&self, command: Command) {
        // Ended already: the events say so.
        let _ = self.engine.command(command).await;
    }

    async fn on(&self, action: Action) -> Result<(), String> {
        match self.current {
            Some(server) => {
                self.command(Command::On(shepot_client::OnServer { server, action })).await;
                Ok(())
            }
            None => self.print(&sentence::command_error(&self.l10n, &CommandError::NoSuchServer)),
        }
    }

    async fn add(&self, entry: &str) {
        self.command(Command::Add { entry: entry.to_owned(), name: None, connect: true }).await;
    }

    fn print(&self, text: &str) -> Result<(), String> {
        print_whole(&folded(text, output::columns()))
    }

    fn print_tr(&self, name: &str, values: &[(&str, &str)]) -> Result<(), String> {
        self.print(&self.l10n.tr(name, values))
    }

    /// The server that is in front.
    pub(super) fn shown(&self) -> Option<&Server> {
        self.desk.server(self.current?)
    }

    /// What was printed of it.
    pub(super) fn printed(&self) -> Option<&Printed> {
        self.printed.get(&self.current?)
    }

    /// Every invitation from before opens nothing any more: the person is given the one that does.
    fn renewed(&mut self, server: ServerId, link: Zeroizing<String>) -> Result<(), String> {
        let is_hosted = self.hosted.as_ref().is_some_and(|hosted| hosted.renewed(&link));
        let Some(printed) = self.printed.get_mut(&server) else { return Ok(()) };
        if printed.renewed.replace(link.clone()).as_ref() == Some(&link) {
            return Ok(());
        }
        if is_hosted {
            return self.about(server, &self.l10n.tr("terminal-renewed-hosted", &[]));
        }
        self.about(server, &self.l10n.tr("terminal-renewed", &[]))?;
        self.print("")?;
        print_whole(&link)?;
        self.print("")
    }

    #[allow(clippy::too_many_lines, reason = "an arm for each kind")]
    async fn event(&mut self, event: Event) -> Result<(), String> {
        // A line mode shows neither who writes nor pictures.
        if matches!(event, Event::Typing { .. } | Event::Avatar { .. }) {
            return Ok(());
        }
        if let Event::Invitation { link, .. } = event {
            // Shown, and kept nowhere.
            return show_invitation(&self.l10n, &Zeroizing::new(link));
        }
        self.desk.apply(event.clone(), 0);
        match event {
            Event::Added { server, is_open, address, .. } => self.added(server, &address, is_open),
            Event::NotAdded { error, .. } => {
                self.print(&sentence::entry_error(&self.l10n, &error))?;
                if self.printed.is_empty() { self.print_tr("terminal-add-again", &[]) } else { Ok(()) }
            }
            Event::Removed { server } => {
                self.printed.remove(&server);
                self.current = self.current.filter(|current| *current != server);
                self.list_servers()
            }
            Event::State { server, state } => self.state(server, state),
            Event::Message { server, message } => self.message(server, &message, false),
            Event::Changed { server, message } => self.message(server, &message, true),
            Event::SystemEvent { server, system_event: event, .. } => {
                let Some(shown) = self.desk.server(server) else { return Ok(()) };
                let text = sentence::system_event(&self.l10n, &event, &shown.rooms, &shown.people);
                self.about(server, &text)
            }
            Event::ConnectionError { server, error } => {
                self.about(server, &sentence::connection_error(&self.l10n, &error))
            }
            Event::Refused { error, .. } => self.print(&sentence::command_error(&self.l10n, &error)),
            Event::Renewed { server, link } => self.renewed(server, Zeroizing::new(link)),
            Event::PairCode { server, person, symbols } => {
                let Some(shown) = self.desk.server(server) else { return Ok(()) };
                let Some(one) = shown.person(&person) else { return Ok(()) };
                let nick = people::in_a_sentence(&self.l10n, &one.nick, &person, &shown.people);
                let code = safety::as_numbers(&symbols);
                self.print_tr("terminal-pair-code", &[("nick", &nick), ("code", &code)])
            }
            Event::SafetyCode { symbols, .. } => {
                self.print_tr("terminal-safety-code", &[("code", &safety::as_numbers(&symbols))])
            }
            Event::Memory { server, bytes } => self.about(server, &posture::held_here(&self.l10n, bytes)),
            Event::Record { record, .. } => {
                self.print_tr("record-title", &[])?;
                for fact in server_record::facts(&self.l10n, &record) {
                    self.print(&format!("  {}: {}", fact.name, fact.value))?;
                }
                self.print_tr("record-note", &[])
            }
            Event::Snapshot { server, state, items, .. } => {
                let Some(printed) = self.printed.get_mut(&server) else { return Ok(()) };
                printed.awaits_snapshot = false;
                if printed.state.as_ref() != Some(&state) {
                    self.state(server, state)?;
                }
                self.missed(server, &items)
            }
            Event::Reload => {
                self.printed.values_mut().for_each(|printed| printed.awaits_snapshot = true);
                for server in self.printed.keys().copied().collect::<Vec<_>>() {
                    let action = Action::Snapshot;
                    self.command(Command::On(shepot_client::OnServer { server, action })).await;
                }
                self.print_tr("terminal-reload", &[])
            }
            Event::Gone { server, messages } => {
                let count = messages.len().to_string();
                self.about(server, &self.l10n.tr("terminal-gone", &[("count", &count)]))
            }
            // What the person wanted so, and what is shown when it is asked for.
            Event::Discarded { .. }
            | Event::Invitation { .. }
            | Event::Address { .. }
            | Event::People { .. }
            | Event::Rooms { .. }
            | Event::Typing { .. }
            | Event::Avatar { .. }
            | Event::Epoch { .. }
            | Event::Done { .. }
            | Event::Ended => Ok(()),
        }
    }

    fn added(&mut self, id: ServerId, address: &str, is_open: bool) -> Result<(), String> {
        self.printed.insert(id, Printed::default());
        self.current = Some(id);
        self.print_tr("terminal-server-added", &[("address", address)])?;
        if is_open { self.print_tr("open-server", &[]) } else { Ok(()) }
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
        if state == ConnectionState::Disconnected {
            printed.renewed = None;
        }
        if repeated || (self.leaving && state != ConnectionState::Disconnected) {
            return Ok(());
        }
        self.about(server, &sentence::state(&self.l10n, &state))
    }

    /// A line about a server; with its name when another one is in front.
    fn about(&self, server: ServerId, text: &str) -> Result<(), String> {
        match self.desk.server(server) {
            Some(shown) if self.current != Some(server) => self.print(&format!("* [{}] {text}", shown.name)),
            Some(_) | None => self.print(&format!("* {text}")),
        }
    }

    /// Prints what stands in the timeline behind the last message that was printed.
    fn missed(&mut self, server: ServerId, items: &[TimelineItem]) -> Result<(), String> {
        let Some(printed) = self.printed.get(&server).filter(|_| self.current == Some(server)) else {
            return Ok(());
        };
        let is_printed = |item: &TimelineItem| match item {
            TimelineItem::Message(message) => printed.transcript.known(message.id).is_some(),
            TimelineItem::SystemEvent { .. } => false,
        };
        let from = items.iter().rposition(is_printed).map_or(0, |last| last + 1);
        for item in items.iter().skip(from) {
            match item {
                TimelineItem::Message(message) => self.message(server, message, false)?,
                // It was printed when it happened, with the server's name.
                TimelineItem::SystemEvent { .. } => {}
            }
        }
        Ok(())
    }

    fn message(&mut self, server: ServerId, message: &Message, changed: bool) -> Result<(), String> {
        let is_current = self.current == Some(server);
        let (Some(printed), Some(shown)) = (self.printed.get_mut(&server), self.desk.server(server)) else {
            return Ok(());
        };
        // Our own shows when it has its place; while there is no connection, it shows that it waits.
        let waits = message.delivery == Delivery::Pending;
        if waits && shown.is_connected() {
            return Ok(());
        }
        if !is_current || printed.awaits_snapshot {
            // It is numbered and printed when the person goes there.
            printed.unread += u64::from(!changed && !is_current);
            return Ok(());
        }
        let is_printed = printed.transcript.known(message.id).is_some();
        if is_printed && !changed && message.delivery == Delivery::Received {
            // Its author gave it again after the server's restart; the line stands where it was read.
            return Ok(());
        }
        let number = printed.transcript.number(message.id);
        let held = message.delivery == Delivery::Held;
        let mut text = line_of(&self.l10n, (shown, printed), message, number, changed);
        if waits {
            text.push_str(&format!(" ({})", self.l10n.tr("terminal-waits", &[])));
        }
        self.print(&text)?;
        if held {
            self.print_tr("terminal-held", &[("number", &number.to_string())])?;
        }
        Ok(())
    }
}
