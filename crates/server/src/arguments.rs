//! What the command line can contain. Values are taken as text and judged in one place, whatever source they come from.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use shepot_command_line::Words;

/// The Shepot server: passes sealed messages on between members and knows no key.
#[derive(Debug, Parser)]
#[command(name = "shepot-server", version, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// What to do; to run, if nothing is said.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Settings.
    #[command(flatten)]
    pub(crate) options: Options,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server (this is what it does without a command).
    Run,
    /// Watch and steer the running server: who is connected, traffic, events, bans, invitations.
    Top,
    #[command(flatten)]
    Ask(Ask),
    /// Look at this machine: memory, limits, state folder, ports, sandbox.
    Doctor,
    /// Measure for ten seconds what a server can do on this machine.
    Bench,
}

/// What is asked of a running server; some of it can be done without one.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Ask {
    /// How the running server is.
    Status,
    /// Who is connected.
    Connections,
    /// End a connection by its number, or all of an address.
    Kick {
        /// The number of a connection, or an address.
        #[arg(value_name = "NUMBER|ADDRESS")]
        who: String,
    },
    /// Close the server to an address (IPv6: to its /64) and end its connections.
    Ban {
        /// The address.
        address: String,
        /// How long, for example 30m, 12h or 7d. Without it: until it is lifted or the server stops.
        #[arg(long = "for", value_name = "TIME")]
        lasting: Option<String>,
    },
    /// Lift a ban, or end a pause.
    Unban {
        /// The address.
        address: String,
    },
    /// The bans, and the addresses that are paused because they were refused too often.
    Bans,
    /// Print an invitation to a new circle. The server may be running, or not.
    Invite {
        /// Print the owner's link to the same circle as well.
        #[arg(long)]
        owner: bool,
        /// Give it an access key of its own with this name, so that it can be revoked alone.
        #[arg(long, value_name = "NAME")]
        label: Option<String>,
        /// How long somebody new gets in by it, for example 12h or 7d. Gives it an access key of its own.
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
        /// How often somebody may come in by it; a lost connection does not count, the program started anew does.
        /// Gives it an access key of its own.
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
        uses: Option<u32>,
    },
    /// The access keys of the invitations. The server may be running, or not.
    Invites,
    /// Take an invitation back by its id or name, and end the connections that came by it.
    Revoke {
        /// The id or name, as `invites` shows it.
        #[arg(value_name = "ID|NAME")]
        invitation: String,
    },
    /// Read the settings again (the signal HUP does the same to a server that was not started at a terminal).
    Reload,
    /// Tell everybody, and end the running server.
    Stop,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Address and port to listen on; may be given several times. Without it: `[::]:7443` and `0.0.0.0:7443`
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) listen: Vec<String>,
    /// An address that many people share (a proxy, an onion service): those who come from it are counted by their
    /// invitation; may be given several times.
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) shared_address: Vec<String>,
    /// How others reach this server: goes into invitations.
    #[arg(long, global = true, value_name = "HOST[:PORT]")]
    pub(crate) public_address: Option<String>,
    /// Let everybody in who knows the address.
    #[arg(long, global = true)]
    pub(crate) open: bool,
    /// Folder for the server's identity and access keys.
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) state_dir: Option<String>,
    /// Folder for logs. [default: logs in the state folder]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) log_dir: Option<String>,
    /// The socket by which the commands reach the running server. [default: run/control in the state folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) control_socket: Option<String>,
    /// Give figures to Prometheus at this address of this machine, for example 127.0.0.1:9464. [default: no]
    #[arg(long, global = true, value_name = "IP:PORT")]
    pub(crate) metrics: Option<String>,
    /// A file with settings (TOML). [default: /etc/shepot-server/server.toml, where it exists]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// ru or en. [default: the system's]
    #[arg(long, global = true, value_name = "LANGUAGE")]
    pub(crate) language: Option<String>,
    /// Change a limit, for example connections=500; may be given several times. `doctor` lists all.
    #[arg(long, global = true, value_name = "NAME=NUMBER")]
    pub(crate) limit: Vec<String>,
    /// Answer as JSON, for programs.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What the help says of them.
pub(crate) const WORDS: Words = Words {
    about: "help-server",
    commands: &[
        ("run", "help-run"),
        ("top", "help-top"),
        ("status", "help-status"),
        ("connections", "help-connections"),
        ("kick", "help-kick"),
        ("ban", "help-ban"),
        ("unban", "help-unban"),
        ("bans", "help-bans"),
        ("invite", "help-invite"),
        ("invites", "help-invites"),
        ("revoke", "help-revoke"),
        ("reload", "help-reload"),
        ("stop", "help-stop"),
        ("doctor", "help-doctor"),
        ("bench", "help-bench"),
    ],
    settings: &[
        "listen",
        "shared_address",
        "public_address",
        "open",
        "state_dir",
        "log_dir",
        "control_socket",
        "metrics",
        "config",
        "limit",
    ],
    arguments: &[
        ("who", "help-kick-who", "help-value-number-or-address"),
        ("address", "help-ban-address", "help-value-address"),
        ("lasting", "help-ban-for", "help-value-time"),
        ("owner", "help-invite-owner", ""),
        ("label", "help-invite-label", "help-value-name"),
        ("expires", "help-invite-expires", "help-value-time"),
        ("uses", "help-invite-uses", "help-value-number"),
        ("invitation", "help-revoke-which", "help-value-id-or-name"),
        ("listen", "help-listen", "help-value-address"),
        ("shared_address", "help-shared-address", "help-value-address"),
        ("public_address", "help-public-address", "help-value-host"),
        ("open", "help-open", ""),
        ("state_dir", "help-state-dir", "help-value-folder"),
        ("log_dir", "help-log-dir", "help-value-folder"),
        ("control_socket", "help-control-socket", "help-value-file"),
        ("metrics", "help-metrics", "help-value-ip-port"),
        ("config", "help-config", "help-value-file"),
        ("language", "help-language", "help-value-language"),
        ("limit", "help-limit", "help-value-limit"),
        ("json", "help-answer-json", ""),
    ],
};
