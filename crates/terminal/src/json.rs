//! One event and one command per line as JSON, for programs: the engine's own events and commands.

use serde::Serialize;
use shepot_client::{Command, Engine, Event, OnServer, Request, RequestId};
use shepot_hosting::Hosted;
use shepot_view::{L10n, sentence};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::arguments::Arguments;
use crate::hosting;
use crate::input::{self, Line};
use crate::output;

/// What this mode tells besides the engine's events.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum OwnEvent<'a> {
    /// The relay in this process listens.
    Hosting { addresses: &'a [std::net::SocketAddr], invitation: &'a str },
    /// A line was not a command.
    BadCommand { reason: String },
}

pub(crate) async fn run(arguments: Arguments, l10n: L10n) -> Result<(), String> {
    let mut lines = input::lines();
    let nick = arguments.nick.clone().ok_or_else(|| l10n.tr("terminal-json-needs-nick", &[]))?;
    let hosted = match arguments.host {
        true => Some(hosting::start(&arguments, &l10n).await?),
        false => None,
    };
    let (engine, events) =
        Engine::start(&nick, None).map_err(|error| sentence::command_error(&l10n, &error))?;
    if let Some(hosted) = &hosted {
        let invitation: &str = &hosted.invitation;
        print(&OwnEvent::Hosting { addresses: &hosted.addresses, invitation })?;
    }
    let entry = match &hosted {
        Some(hosted) => Some(Zeroizing::new(hosted.local_invitation.to_string())),
        None => hosting::entry_from_arguments(&arguments, &mut lines, &l10n).await?,
    };
    if let Some(entry) = entry {
        let command = Command::Add { entry: entry.to_string(), name: None, connect: true, link_of: None };
        engine.command(command).await.map_err(|error| error.to_string())?;
    }
    converse(&engine, events, lines, &l10n, hosted.as_ref()).await?;
    if let Some(hosted) = hosted {
        hosted.stop().await;
    }
    Ok(())
}

async fn converse(
    engine: &Engine,
    mut events: mpsc::Receiver<Event>,
    mut lines: mpsc::Receiver<Line>,
    l10n: &L10n,
    hosted: Option<&Hosted>,
) -> Result<(), String> {
    let mut reading = true;
    let mut stop = std::pin::pin!(hosting::stop_signal());
    let mut stopping = false;
    loop {
        tokio::select! {
            event = events.recv() => match event {
                None | Some(Event::Ended) => return Ok(()),
                Some(event) => {
                    if let (Event::Renewed { link, .. }, Some(hosted)) = (&event, hosted) {
                        hosted.renewed(link);
                    }
                    print(&event)?;
                }
            },
            line = lines.recv(), if reading => {
                let request = match line {
                    // The end of input is the end of the conversation.
                    None => { reading = false; Some(Command::Quit.into()) }
                    Some(line) if line.trim().is_empty() => None,
                    Some(line) => match request(&line) {
                        Ok(request) => Some(request),
                        Err(error) => {
                            let reason = l10n.tr("terminal-bad-json", &[("error", &error.to_string())]);
                            print(&OwnEvent::BadCommand { reason })?;
                            None
                        }
                    },
                };
                if let Some(request) = request
                    && engine.request(request).await.is_err()
                {
                    return Ok(());
                }
            }
            () = &mut stop, if !stopping => {
                stopping = true;
                // Ended already: then the events say so.
                let _ = engine.command(Command::Quit).await;
            }
        }
    }
}

/// What is about the engine, not about one server.
const ENGINE_COMMANDS: [&str; 4] = ["add", "remove", "set_profile", "quit"];

/// A command, and the number under "id" that its answer repeats. Told apart before it is taken apart, so that a mistake is
/// named as what it is.
fn request(line: &str) -> serde_json::Result<Request> {
    let mut value: serde_json::Value = serde_json::from_str(line)?;
    let id = value.as_object_mut().and_then(|fields| fields.remove("id"));
    let id = id.map(serde_json::from_value::<RequestId>).transpose()?;
    command(value).map(|command| Request { id, command })
}

fn command(value: serde_json::Value) -> serde_json::Result<Command> {
    let name = value.get("do").and_then(|name| name.as_str()).unwrap_or_default();
    if ENGINE_COMMANDS.contains(&name) {
        serde_json::from_value(value)
    } else {
        serde_json::from_value::<OnServer>(value).map(Command::On)
    }
}

fn print(event: &impl Serialize) -> Result<(), String> {
    let line = serde_json::to_string(event).map_err(|error| error.to_string())?;
    output::line(&line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_in_commands_are_named() {
        let told = |line: &str| request(line).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(told(r#"{"do":"add","link":"x"}"#).contains("missing field `entry`"));
        assert!(told(r#"{"do":"send","body":"x"}"#).contains("missing field `server`"));
        let elsewhere = r#"{"do":"send","server":1,"body":"x","room":"kitchen"}"#;
        assert!(told(elsewhere).contains("16 hexadecimal digits"), "never said in another room instead");
        assert!(told(r#"{"do":"nope","server":1}"#).contains("unknown variant `nope`"));
        assert!(told(r#"{"do":"quit","id":"seven"}"#).contains("expected u64"));
        let read = |line: &str| request(line).map(|request| (request.id, request.command));
        assert!(matches!(read(r#"{"do":"remove","server":1}"#), Ok((None, Command::Remove { .. }))));
        let seven = Some(RequestId(7));
        let sent = read(r#"{"do":"send","server":1,"body":"x","id":7}"#);
        assert!(matches!(sent, Ok((id, Command::On(_))) if id == seven));
    }
}
