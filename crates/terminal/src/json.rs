//! JSON mode for programs: one of the engine's own events or commands per line.

use serde::Serialize;
use shepot_client::{Command, Engine, Event, NotARequest, Request, RequestId};
use shepot_hosting::Hosted;
use shepot_view::{L10n, sentence};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::arguments::Arguments;
use crate::hosting;
use crate::input::{self, NotUtf8, Typed};
use crate::output;

/// Events of this mode beside the engine's.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum OwnEvent<'a> {
    /// The relay in this process listens.
    Hosting { addresses: &'a [std::net::SocketAddr], invitation: &'a str },
    /// A line was not a command.
    BadCommand { id: Option<RequestId>, reason: String },
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
    mut lines: mpsc::Receiver<Typed>,
    l10n: &L10n,
    hosted: Option<&Hosted>,
) -> Result<(), String> {
    let mut reading = true;
    let mut stop = std::pin::pin!(hosting::stop_signal());
    let mut stopping = false;
    loop {
        tokio::select! {
            event = events.recv() => match event {
                None => return Ok(()),
                Some(Event::Ended) => return print(&Event::Ended),
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
                    Some(Ok(line)) if line.trim().is_empty() => None,
                    Some(line) => match request_of(line, l10n) {
                        Ok(request) => Some(request),
                        Err(bad) => {
                            print(&bad)?;
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

/// The request in a line, or the event that says what is wrong with it.
fn request_of(line: Typed, l10n: &L10n) -> Result<Request, OwnEvent<'static>> {
    let line =
        line.map_err(|NotUtf8| OwnEvent::BadCommand { id: None, reason: l10n.tr("terminal-not-utf8", &[]) })?;
    Request::from_json(&line).map_err(|NotARequest { id, reason }| OwnEvent::BadCommand {
        id,
        reason: l10n.tr("terminal-bad-json", &[("error", &reason)]),
    })
}

fn print(event: &impl Serialize) -> Result<(), String> {
    let line = serde_json::to_string(event).map_err(|error| error.to_string())?;
    output::line(&line)
}
