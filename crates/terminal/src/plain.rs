//! Plain lines: what people type goes out, what happens is printed.

use std::collections::BTreeMap;

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use shepot_client::model::{
    ConnectionState, Delivery, Message, Mistake, Person, PersonKey, Room, RoomId, ServerId,
};
use shepot_client::{Action, Command, Engine, Event};
use shepot_view::{Words, people, safety, sentence};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::arguments::Arguments;
use crate::hosting::{self, Hosted};
use crate::input::{self, Line};
use crate::line_command::{COMMANDS, LineCommand, LineMistake};
use crate::output;
use crate::transcript::Transcript;

/// The highest number of a mood.
const MOODS: u8 = 15;

pub(crate) async fn run(arguments: Arguments, words: Words) -> Result<(), String> {
    let mut lines = input::lines();
    let (nick, engine, events) = start_engine(&arguments, &mut lines, &words).await?;
    let hosted = match arguments.host {
        true => Some(hosting::start(&arguments, &words).await?),
        false => None,
    };
    let entry = match &hosted {
        Some(hosted) => {
            show_hosted(&words, hosted)?;
            hosted.local_invitation.clone()
        }
        None => match hosting::entry_from_arguments(&arguments, &mut lines, &words).await? {
            Some(entry) => entry,
            None => ask(&mut lines, &words.say("terminal-ask-entry", &[])).await?,
        },
    };
    let mut plain =
        Plain { words, engine, nick, mood: None, servers: BTreeMap::new(), current: None, leaving: false };
    plain.add(&entry).await;
    drop(entry);
    let ended = plain.converse(events, lines).await;
    if let Some(hosted) = hosted {
        hosted.stop().await;
    }
    ended
}

/// Asks for a nick until there is one that can be used.
async fn start_engine(
    arguments: &Arguments,
    lines: &mut mpsc::Receiver<Line>,
    words: &Words,
) -> Result<(String, Engine, mpsc::Receiver<Event>), String> {
    if let Some(nick) = arguments.nick.clone() {
        let started = Engine::start(&nick, None).map_err(|mistake| sentence::mistake(words, &mistake))?;
        return Ok((nick, started.0, started.1));
    }
    loop {
        let nick = ask(lines, &words.say("terminal-ask-nick", &[])).await?;
        match Engine::start(&nick, None) {
            Ok((engine, events)) => return Ok((nick.to_string(), engine, events)),
            Err(mistake) if lines.is_closed() => return Err(sentence::mistake(words, &mistake)),
            Err(mistake) => {
                output::line(&sentence::mistake(words, &mistake)).map_err(|error| error.to_string())?;
            }
        }
    }
}

async fn ask(lines: &mut mpsc::Receiver<Line>, question: &str) -> Result<Line, String> {
    output::prompt(question).map_err(|error| error.to_string())?;
    // The end of input where an answer is needed: nothing was wanted.
    Ok(lines.recv().await.unwrap_or_default())
}

fn show_hosted(words: &Words, hosted: &Hosted) -> Result<(), String> {
    let print = |text: &str| output::line(text).map_err(|error| error.to_string());
    print(&words.say("terminal-hosting", &[("addresses", &hosted.addresses.join(", "))]))?;
    show_invitation(words, &hosted.invitation)?;
    if hosted.only_near {
        print(&words.say("terminal-only-near", &[]))?;
    }
    Ok(())
}

fn show_invitation(words: &Words, link: &str) -> Result<(), String> {
    let print = |text: &str| output::line(text).map_err(|error| error.to_string());
    print(&words.say("terminal-invitation", &[]))?;
    print("")?;
    print(link)?;
    print("")?;
    // The lowest correction level: a screen has no dirt, and fewer modules are larger ones.
    if let Ok(code) = QrCode::with_error_correction_level(link.as_bytes(), EcLevel::L) {
        let picture = Zeroizing::new(code.render::<Dense1x2>().quiet_zone(true).build());
        for row in picture.lines() {
            // Black on white whatever the terminal's own colours are: cameras want it so.
            print(&Zeroizing::new(format!("\u{1b}[30;107m{row}\u{1b}[0m")))?;
        }
    }
    Ok(())
}

/// What this mode knows of a server.
struct Shown {
    name: String,
    state: Option<ConnectionState>,
    people: Vec<Person>,
    rooms: Vec<Room>,
    room: RoomId,
    transcript: Transcript,
    unread: u64,
}

struct Plain {
    words: Words,
    engine: Engine,
    nick: String,
    mood: Option<u8>,
    servers: BTreeMap<ServerId, Shown>,
    current: Option<ServerId>,
    leaving: bool,
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
            None => self.print(&sentence::mistake(&self.words, &Mistake::NoSuchServer)),
        }
    }

    async fn add(&self, entry: &str) {
        self.command(Command::Add { entry: entry.to_owned(), name: None, connect: true }).await;
    }

    fn print(&self, text: &str) -> Result<(), String> {
        output::line(text).map_err(|error| error.to_string())
    }

    fn say(&self, name: &str, values: &[(&str, &str)]) -> Result<(), String> {
        self.print(&self.words.say(name, values))
    }

    fn shown(&self) -> Option<&Shown> {
        self.current.and_then(|server| self.servers.get(&server))
    }

    async fn event(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Added { server, name, is_open, address } => self.added(server, name, &address, is_open),
            Event::NotAdded { mistake } => {
                self.print(&sentence::entry_mistake(&self.words, &mistake))?;
                if self.servers.is_empty() { self.say("terminal-add-again", &[]) } else { Ok(()) }
            }
            Event::Removed { server } => {
                self.servers.remove(&server);
                Ok(())
            }
            Event::State { server, state } => self.state(server, state),
            Event::Message { server, message } => self.message(server, &message, false),
            Event::Changed { server, message } => self.message(server, &message, true),
            Event::Happening { server, happening, .. } => {
                let rooms = self.servers.get(&server).map(|shown| shown.rooms.clone()).unwrap_or_default();
                self.about(server, &sentence::happening(&self.words, &happening, &rooms))
            }
            Event::People { server, people } => {
                if let Some(shown) = self.servers.get_mut(&server) {
                    shown.people = people;
                }
                Ok(())
            }
            Event::Rooms { server, rooms } => {
                if let Some(shown) = self.servers.get_mut(&server) {
                    shown.rooms = rooms;
                }
                Ok(())
            }
            Event::Problem { server, problem } => {
                self.about(server, &sentence::problem(&self.words, &problem))
            }
            Event::Refused { mistake, .. } => self.print(&sentence::mistake(&self.words, &mistake)),
            Event::Invitation { link, .. } => show_invitation(&self.words, &Zeroizing::new(link)),
            Event::SafetyCode { symbols, .. } => {
                self.say("terminal-safety-code", &[("code", &safety::as_numbers(&symbols))])
            }
            Event::Snapshot { server, people, rooms, .. } => {
                if let Some(shown) = self.servers.get_mut(&server) {
                    (shown.people, shown.rooms) = (people, rooms);
                }
                Ok(())
            }
            Event::Reload => {
                for server in self.servers.keys().copied().collect::<Vec<_>>() {
                    let action = Action::Snapshot;
                    self.command(Command::On(shepot_client::OnServer { server, action })).await;
                }
                self.say("terminal-reload", &[])
            }
            // A line mode shows neither who writes nor pictures; what disappears has scrolled away.
            Event::Typing { .. } | Event::Avatar { .. } | Event::Gone { .. } | Event::Ended => Ok(()),
        }
    }

    fn added(&mut self, id: ServerId, name: String, address: &str, is_open: bool) -> Result<(), String> {
        let rooms = vec![Room { id: RoomId::MAIN, name: String::new(), disappears_after_s: 0 }];
        let shown = Shown {
            name,
            state: None,
            people: Vec::new(),
            rooms,
            room: RoomId::MAIN,
            transcript: Transcript::default(),
            unread: 0,
        };
        self.servers.insert(id, shown);
        self.current = Some(id);
        self.say("terminal-server-added", &[("address", address)])?;
        if is_open { self.say("open-server", &[]) } else { Ok(()) }
    }

    fn state(&mut self, server: ServerId, state: ConnectionState) -> Result<(), String> {
        let Some(shown) = self.servers.get_mut(&server) else { return Ok(()) };
        let repeated = shown.state.as_ref() == Some(&state)
            || matches!(
                (&shown.state, &state),
                (Some(ConnectionState::Reconnecting { .. }), ConnectionState::Reconnecting { retry_in, .. })
                    if retry_in.is_zero()
            );
        shown.state = Some(state.clone());
        if repeated || (self.leaving && state != ConnectionState::Disconnected) {
            return Ok(());
        }
        self.about(server, &sentence::state(&self.words, &state))
    }

    /// A line about a server; with its name when another one is in front.
    fn about(&self, server: ServerId, text: &str) -> Result<(), String> {
        match self.servers.get(&server) {
            Some(shown) if self.current != Some(server) => self.print(&format!("* [{}] {text}", shown.name)),
            Some(_) | None => self.print(&format!("* {text}")),
        }
    }

    fn message(&mut self, server: ServerId, message: &Message, changed: bool) -> Result<(), String> {
        let is_current = self.current == Some(server);
        let Some(shown) = self.servers.get_mut(&server) else { return Ok(()) };
        // Our own shows when it has its place; what only waits is on the screen already, typed.
        if message.delivery == Delivery::Pending {
            return Ok(());
        }
        let number = shown.transcript.number(message.id);
        if !is_current {
            shown.unread += 1;
            return Ok(());
        }
        let held = message.delivery == Delivery::Held;
        let text = line_of(&self.words, shown, message, number, changed);
        self.print(&text)?;
        if held {
            self.say("terminal-held", &[("number", &number.to_string())])?;
        }
        Ok(())
    }

    async fn line(&mut self, line: &str) -> Result<(), String> {
        let command = match LineCommand::parse(line) {
            Ok(command) => command,
            Err(LineMistake::Unknown(name)) => {
                return self.say("terminal-unknown-command", &[("name", &name)]);
            }
            Err(LineMistake::Usage(usage)) => return self.say("terminal-usage", &[("usage", usage)]),
        };
        self.carry_out(command).await
    }

    async fn carry_out(&mut self, command: LineCommand) -> Result<(), String> {
        match command {
            LineCommand::Nothing => Ok(()),
            LineCommand::Say(body) if self.current.is_none() => {
                // Nothing to talk to yet: what is typed is the next try at an address.
                self.add(&body).await;
                Ok(())
            }
            LineCommand::Say(body) => self.send(body, None).await,
            LineCommand::Reply(number, body) => match self.numbered(number) {
                Some(message) => self.send(body, Some(message)).await,
                None => self.no_such_message(),
            },
            LineCommand::Edit(number, body) => match self.numbered(number) {
                Some(message) => self.on(Action::Edit { message, body }).await,
                None => self.no_such_message(),
            },
            LineCommand::Delete(number) => match self.numbered(number) {
                Some(message) => self.on(Action::Delete { message }).await,
                None => self.no_such_message(),
            },
            LineCommand::React(number, emoji) => match self.numbered(number) {
                Some(message) => self.on(Action::React { message, emoji, taken_back: false }).await,
                None => self.no_such_message(),
            },
            LineCommand::Resend(number) => match self.numbered(number) {
                Some(message) => self.on(Action::Release { message }).await,
                None => self.no_such_message(),
            },
            LineCommand::Discard(number) => match self.numbered(number) {
                Some(message) => self.on(Action::Discard { message }).await,
                None => self.no_such_message(),
            },
            LineCommand::Help => self.help(),
            LineCommand::Who => self.who(),
            LineCommand::Rooms => self.rooms(),
            LineCommand::Room(name) => self.enter_room(&name),
            LineCommand::NewRoom(name) => self.on(Action::MakeRoom { name }).await,
            LineCommand::RenameRoom(name) => {
                let room = self.room();
                self.on(Action::RenameRoom { room, name }).await
            }
            LineCommand::Timer(seconds) => {
                let room = self.room();
                self.on(Action::SetTimer { room, seconds }).await
            }
            LineCommand::Nick(nick) => {
                self.command(Command::SetProfile { nick: nick.clone(), mood: self.mood }).await;
                self.nick = nick;
                Ok(())
            }
            LineCommand::Mood(mood) if mood <= MOODS => {
                self.mood = Some(mood).filter(|mood| *mood != 0);
                self.command(Command::SetProfile { nick: self.nick.clone(), mood: self.mood }).await;
                Ok(())
            }
            LineCommand::Mood(_) => self.say("terminal-usage", &[("usage", "/mood 0-15")]),
            LineCommand::Invite { owner } => self.on(Action::Invite { owner }).await,
            LineCommand::Code => self.on(Action::SafetyCode).await,
            LineCommand::Evict(nick) => self.evict(&nick).await,
            LineCommand::Servers => self.list_servers(),
            LineCommand::Add(entry) => {
                self.add(&entry).await;
                Ok(())
            }
            LineCommand::Server(number) => self.switch(ServerId(number)),
            LineCommand::Connect => self.on(Action::Connect).await,
            LineCommand::Disconnect => self.on(Action::Disconnect).await,
            LineCommand::Posture => self.print(&crate::posture::report(&self.words)),
            LineCommand::Clear => self.clear().await,
            LineCommand::Leave => {
                self.leave().await;
                Ok(())
            }
        }
    }

    async fn send(
        &self,
        body: String,
        reply_to: Option<shepot_client::model::MessageId>,
    ) -> Result<(), String> {
        let mentions: Vec<PersonKey> =
            self.shown().map(|shown| people::mentioned(&body, &shown.people)).unwrap_or_default();
        self.on(Action::Send { room: self.room(), body, reply_to, mentions }).await
    }

    fn room(&self) -> RoomId {
        self.shown().map_or(RoomId::MAIN, |shown| shown.room)
    }

    fn numbered(&self, number: u64) -> Option<shepot_client::model::MessageId> {
        self.shown().and_then(|shown| shown.transcript.message(number))
    }

    fn no_such_message(&self) -> Result<(), String> {
        self.print(&sentence::mistake(&self.words, &Mistake::NoSuchMessage))
    }

    fn help(&self) -> Result<(), String> {
        self.say("terminal-help", &[])?;
        for (usage, explanation) in COMMANDS {
            self.print(&format!("  {usage:<18} {}", self.words.say(explanation, &[])))?;
        }
        Ok(())
    }

    fn who(&self) -> Result<(), String> {
        let Some(shown) = self.shown() else { return self.list_servers() };
        self.say("terminal-people", &[("people", &shown.people.len().to_string())])?;
        for person in &shown.people {
            let mut about = Vec::new();
            if person.is_self {
                about.push(self.words.say("terminal-you", &[]));
            } else if !person.is_present {
                about.push(self.words.say("terminal-away", &[]));
            } else if person.is_silent {
                about.push(self.words.say("terminal-silent", &[]));
            }
            let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
            self.print(&format!("  {} ·{}{about}", person.nick, person.fingerprint))?;
        }
        Ok(())
    }

    fn rooms(&self) -> Result<(), String> {
        let Some(shown) = self.shown() else { return self.list_servers() };
        for room in &shown.rooms {
            let here = if room.id == shown.room { "*" } else { " " };
            self.print(&format!(" {here}#{}", sentence::room_name(&self.words, room.id, &shown.rooms)))?;
        }
        Ok(())
    }

    fn enter_room(&mut self, name: &str) -> Result<(), String> {
        let name = name.trim_start_matches('#');
        let words = &self.words;
        let shown = self.current.and_then(|server| self.servers.get_mut(&server));
        let found = shown.and_then(|shown| {
            let rooms = &shown.rooms;
            let room = rooms.iter().find(|room| sentence::room_name(words, room.id, rooms) == name)?.id;
            shown.room = room;
            Some(room)
        });
        match found {
            Some(_) => self.say("terminal-in-room", &[("room", name)]),
            None => self.print(&sentence::mistake(&self.words, &Mistake::NoSuchRoom)),
        }
    }

    async fn evict(&self, nick: &str) -> Result<(), String> {
        let meant: Vec<PersonKey> = self
            .shown()
            .map(|shown| people::meant(nick, &shown.people).iter().map(|person| person.key).collect())
            .unwrap_or_default();
        match meant.as_slice() {
            [person] => self.on(Action::Evict { person: *person }).await,
            [] => self.print(&sentence::mistake(&self.words, &Mistake::NoSuchPerson)),
            _ => self.say("terminal-several-of-this-nick", &[]),
        }
    }

    fn list_servers(&self) -> Result<(), String> {
        if self.servers.is_empty() {
            return self.say("terminal-add-again", &[]);
        }
        for (id, shown) in &self.servers {
            let here = if self.current == Some(*id) { "*" } else { " " };
            let state = shown.state.as_ref().map(|state| sentence::state(&self.words, state));
            let unread = if shown.unread > 0 { format!(" [{}]", shown.unread) } else { String::new() };
            self.print(&format!(" {here}{} {}{unread}  {}", id.0, shown.name, state.unwrap_or_default()))?;
        }
        Ok(())
    }

    fn switch(&mut self, id: ServerId) -> Result<(), String> {
        let Some(shown) = self.servers.get_mut(&id) else {
            return self.print(&sentence::mistake(&self.words, &Mistake::NoSuchServer));
        };
        shown.unread = 0;
        self.current = Some(id);
        self.list_servers()
    }

    async fn clear(&mut self) -> Result<(), String> {
        if let Some(shown) = self.current.and_then(|server| self.servers.get_mut(&server)) {
            shown.transcript.clear();
        }
        self.on(Action::Clear).await?;
        // Screen and scrollback, where the terminal knows the sequence.
        self.print("\u{1b}[2J\u{1b}[3J\u{1b}[H")
    }
}

/// One message as one line, or several when it has line ends.
fn line_of(words: &Words, shown: &Shown, message: &Message, number: u64, changed: bool) -> String {
    let author = people::called(&message.nick, &message.author, &shown.people);
    let room = match message.room {
        room if room == shown.room => String::new(),
        room => format!(" #{}", sentence::room_name(words, room, &shown.rooms)),
    };
    let reply = match message.reply_to {
        Some(id) => match shown.transcript.known(id) {
            Some(number) => format!(" ↩{number}"),
            None => " ↩".to_owned(),
        },
        None => String::new(),
    };
    let body = if message.is_deleted { words.say("terminal-deleted", &[]) } else { message.body.clone() };
    let mut line = format!("{number}{room} <{author}>{reply} {body}");
    if message.is_edited && !message.is_deleted {
        line.push_str(&format!(" ({})", words.say("terminal-edited", &[])));
    }
    for reaction in &message.reactions {
        line.push_str(&format!(" [{} {}]", reaction.emoji, reaction.people.len()));
    }
    if message.mentions_self && !changed {
        line.push_str(" ←");
    }
    line
}
