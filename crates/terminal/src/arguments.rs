//! The command line. An invitation is never taken from it: arguments can be read by everybody on the machine.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use shepot_app::MOST_LOCK_MINUTES;
use shepot_command_line::Words;

/// Shepot in a terminal: talk without leaving a trace.
///
/// Without --host you are asked for an invitation or an address.
#[derive(Clone, Debug, Parser)]
#[command(name = "shepot-tui", version, about, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Hosts a circle on this machine, prints the invitation, and enters it.
    #[arg(long)]
    pub(crate) host: bool,

    /// With --host: where to listen; may be given several times. Port 0 takes a free one.
    #[arg(long, value_name = "IP:PORT", requires = "host")]
    pub(crate) listen: Vec<SocketAddr>,

    /// With --host: the address that others reach this machine by, as it is to stand in the invitation.
    #[arg(long, value_name = "HOST[:PORT]", requires = "host")]
    pub(crate) public_address: Option<String>,

    /// Reads the invitation from this file instead of asking; `-` is standard input's first line.
    #[arg(long, value_name = "FILE", conflicts_with = "host")]
    pub(crate) invitation_file: Option<PathBuf>,

    /// Connects to an open server by its address: `IP:PORT`, `[IPv6]:PORT`, `host:port` or `Name:IP:PORT`.
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["host", "invitation_file"])]
    pub(crate) address: Option<String>,

    /// Your nick, up to 20 characters; asked for when missing.
    #[arg(long)]
    pub(crate) nick: Option<String>,

    /// The full screen is locked after so many minutes without a key. You are asked for a passphrase at the start.
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_LOCK_MINUTES)), conflicts_with_all = ["plain", "json"])]
    pub(crate) lock_after: Option<u32>,

    /// Keeps a log of errors and connections in this folder: no names, no words. Without it nothing is written.
    #[arg(long, value_name = "FOLDER", conflicts_with = "json")]
    pub(crate) log_dir: Option<PathBuf>,

    /// The language: en or ru. Otherwise the system's.
    #[arg(long, value_name = "CODE")]
    pub(crate) language: Option<String>,

    /// Plain lines in the place of the whole screen; also what it does where it has no screen.
    #[arg(long)]
    pub(crate) plain: bool,

    /// Only letters: names in the place of emoji, no box drawing.
    #[arg(long, conflicts_with_all = ["plain", "json"])]
    pub(crate) ascii: bool,

    /// One event and one command per line as JSON, for programs.
    #[arg(long, conflicts_with = "plain")]
    pub(crate) json: bool,
}

/// What the help says of them.
pub(crate) const WORDS: Words = Words {
    about: "help-tui",
    commands: &[],
    settings: &[],
    arguments: &[
        ("host", "help-host", ""),
        ("listen", "help-host-listen", "help-value-ip-port"),
        ("public_address", "help-host-public-address", "help-value-host"),
        ("invitation_file", "help-invitation-file", "help-value-file"),
        ("address", "help-address", "help-value-address"),
        ("nick", "help-nick", "help-value-nick"),
        ("lock_after", "help-lock-after", "help-value-minutes"),
        ("log_dir", "help-tui-log-dir", "help-value-folder"),
        ("language", "help-language", "help-value-language"),
        ("plain", "help-plain", ""),
        ("ascii", "help-ascii", ""),
        ("json", "help-json", ""),
    ],
};
