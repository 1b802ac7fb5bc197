//! Lock-down: after its start the server can write to its log folder and store its access keys, and nothing else.
//!
//! It uses Landlock where the kernel has it (Linux 5.13). Then nothing can be written, made or removed elsewhere
//! (before Linux 6.2 existing files can still be emptied), and since 6.7 no other TCP port can be opened and no TCP
//! connection made. For everything else, and on other systems, the service manager's sandbox is responsible
//! (docs/OPERATING.md).

use std::path::Path;

use serde::{Deserialize, Serialize};

/// How far the system confines this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Confinement {
    /// It is confined as described above.
    Full,
    /// The kernel is too old for a part of it.
    Partial,
    /// The system has no such confinement.
    #[default]
    None,
    /// The system has it, but refused.
    Failed,
}

impl Confinement {
    /// The name in logs.
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
    /// The log folder, in which files are made, written and removed.
    pub(crate) log_folder: &'a Path,
    /// The folder of the access keys, in which files are made, written and removed.
    pub(crate) access_folder: &'a Path,
    /// The folder of the control socket, in which files are removed. `None`: there is no such socket.
    pub(crate) control_folder: Option<&'a Path>,
}

/// Confines this thread and all threads that it starts from now on.
#[cfg(target_os = "linux")]
pub(crate) fn confine(needs: Needs<'_>) -> Confinement {
    use landlock::{
        ABI, AccessFs, AccessNet, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr as _,
        RulesetCreatedAttr as _, RulesetError, RulesetStatus,
    };
    /// What is asked of the kernel. An older one provides as much as it has.
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

/// Other systems have no such confinement.
#[cfg(not(target_os = "linux"))]
pub(crate) fn confine(_needs: Needs<'_>) -> Confinement {
    Confinement::None
}

/// Whether the system could confine a process. Confines nothing.
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
