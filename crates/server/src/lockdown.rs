//! Lock-down: after its start the server can write to its log folder and store its invitations, and nothing else.
//!
//! By Landlock where the kernel has it (Linux 5.13): nothing can be written, made or removed elsewhere (a file that is
//! there can be emptied before Linux 6.2), no TCP port can be opened besides those that are open, and no TCP connection
//! goes out (since 6.7). Elsewhere, and for what else there is, the service manager's sandbox has to do it
//! (docs/OPERATING.md).

use std::path::Path;

use serde::{Deserialize, Serialize};

/// How far the system keeps this process from what it does not need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Confinement {
    /// As far as described above.
    Full,
    /// The kernel is too old for a part of it.
    Partial,
    /// The system knows nothing of the kind.
    #[default]
    None,
    /// The system knows it, and refused.
    Failed,
}

impl Confinement {
    /// For logs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Partial => "partial",
            Self::None => "none",
            Self::Failed => "failed",
        }
    }
}

/// Where the server still has to write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs<'a> {
    /// Files are made, written and removed in it.
    pub(crate) log_folder: &'a Path,
    /// The same.
    pub(crate) access_folder: &'a Path,
    /// Files are removed in it: the control socket.
    pub(crate) control_folder: Option<&'a Path>,
}

/// Confines this thread and all that it starts from now on.
#[cfg(target_os = "linux")]
pub(crate) fn confine(needs: Needs<'_>) -> Confinement {
    use landlock::{
        ABI, AccessFs, AccessNet, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr as _,
        RulesetCreatedAttr as _, RulesetError, RulesetStatus,
    };
    /// What is asked of the kernel; an older one gives what it has.
    const WANTED: ABI = ABI::V5;
    let restrict = || -> Result<RulesetStatus, Box<dyn std::error::Error>> {
        let all = AccessFs::from_write(WANTED);
        let mut rules = Ruleset::default()
            .handle_access(all)?
            .handle_access(AccessNet::BindTcp | AccessNet::ConnectTcp)?
            .create()?;
        let folders: [(Option<&Path>, BitFlags<AccessFs>); 3] = [
            (Some(needs.log_folder), all),
            (Some(needs.access_folder), all),
            (needs.control_folder, AccessFs::RemoveFile.into()),
        ];
        for (folder, allowed) in folders {
            if let Some(folder) = folder {
                let rule = PathBeneath::new(PathFd::new(folder)?, allowed);
                rules = rules.add_rule(rule).map_err(|error: RulesetError| Box::new(error))?;
            }
        }
        Ok(rules.restrict_self()?.ruleset)
    };
    match restrict() {
        Ok(RulesetStatus::FullyEnforced) => Confinement::Full,
        Ok(RulesetStatus::PartiallyEnforced) => Confinement::Partial,
        Ok(RulesetStatus::NotEnforced) => Confinement::None,
        Err(_) => Confinement::Failed,
    }
}

/// See above.
#[cfg(not(target_os = "linux"))]
pub(crate) fn confine(_needs: Needs<'_>) -> Confinement {
    Confinement::None
}

/// Whether the system could confine a process; nothing is confined by asking.
pub(crate) fn is_possible() -> bool {
    let Ok(folder) = std::env::current_dir() else { return false };
    let needs = Needs { log_folder: &folder, access_folder: &folder, control_folder: None };
    // In a thread of its own: what it takes away ends with it.
    std::thread::scope(|scope| {
        scope
            .spawn(move || matches!(confine(needs), Confinement::Full | Confinement::Partial))
            .join()
            .unwrap_or(false)
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;
    use std::io::ErrorKind;
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    #[allow(clippy::print_stdout, reason = "says what was not tried")]
    fn a_write_elsewhere_fails() {
        let place = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            let path = place.path().join(name);
            fs::create_dir(&path).unwrap();
            path
        };
        let (logs, access, control, elsewhere) =
            (folder("logs"), folder("access"), folder("control"), folder("elsewhere"));
        for folder in [&logs, &access, &control, &elsewhere] {
            fs::write(folder.join("there"), b"x").unwrap();
        }
        let open = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = open.local_addr().unwrap();
        let needs = Needs { log_folder: &logs, access_folder: &access, control_folder: Some(&control) };
        // Only a thread of its own is confined, not the other tests.
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let confinement = confine(needs);
                assert_ne!(confinement, Confinement::Failed);
                if confinement == Confinement::None {
                    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
                    println!("NOT TRIED: this kernel ({}) has no Landlock", kernel.trim());
                    return;
                }
                for folder in [&logs, &access] {
                    fs::write(folder.join("new"), b"x").unwrap();
                    fs::rename(folder.join("new"), folder.join("there")).unwrap();
                    fs::remove_file(folder.join("there")).unwrap();
                }
                fs::remove_file(control.join("there")).unwrap();
                let forbidden = |outcome: std::io::Result<()>| {
                    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::PermissionDenied);
                };
                forbidden(fs::write(control.join("new"), b"x"));
                forbidden(fs::write(elsewhere.join("new"), b"x"));
                forbidden(fs::write(elsewhere.join("there"), b"x"));
                forbidden(fs::remove_file(elsewhere.join("there")));
                forbidden(fs::create_dir(elsewhere.join("folder")));
                forbidden(fs::write("/tmp/shepot-lockdown-test", b"x"));
                assert_eq!(fs::read(elsewhere.join("there")).unwrap(), b"x", "reading is no writing");
                if confinement == Confinement::Full {
                    forbidden(TcpListener::bind("127.0.0.1:0").map(drop));
                    forbidden(TcpStream::connect(address).map(drop));
                }
            });
        });
        drop(open);
    }
}
