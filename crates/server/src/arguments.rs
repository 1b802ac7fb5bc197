//! What can be said on the command line. Values are taken as text: they are judged in one place, whatever source they
//! come from.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

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

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server (this is what it does without a command).
    Run,
    /// Print an invitation to a new circle. The server may be running, or not.
    Invite {
        /// Print the owner's link to the same circle as well.
        #[arg(long)]
        owner: bool,
    },
    /// Look at this machine: memory, limits, state folder, ports.
    Doctor,
}

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Address and port to listen on; may be given several times. Without it: `[::]:7443` and `0.0.0.0:7443`
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) listen: Vec<String>,
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
    /// A file with settings (TOML).
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// ru or en. [default: the system's]
    #[arg(long, global = true, value_name = "LANGUAGE")]
    pub(crate) language: Option<String>,
    /// Change a limit, for example connections=500; may be given several times. `doctor` lists all.
    #[arg(long, global = true, value_name = "NAME=NUMBER")]
    pub(crate) limit: Vec<String>,
    /// Print the invitation even where the output goes into a file or a journal, which keep it.
    #[arg(long, global = true)]
    pub(crate) show_invitation: bool,
}
