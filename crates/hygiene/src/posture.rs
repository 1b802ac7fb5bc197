//! What the system may do with the memory of this process.

/// Where memory may be written to disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swap {
    /// There is no swap.
    Off,
    /// Swap goes to compressed memory only (zram), never to a disk.
    InMemory,
    /// All swap is on encrypted devices.
    Encrypted,
    /// Some swap is on an unencrypted disk.
    Plain,
    /// This system does not say.
    Unknown,
}

/// Whether all memory can be written to disk when the computer sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hibernation {
    /// Memory cannot be written to disk.
    Off,
    /// Memory can be written to disk.
    Possible,
    /// This system does not say.
    Unknown,
}

/// Whether this process can be dumped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dumps {
    /// It cannot be dumped.
    Forbidden,
    /// It can be dumped.
    Allowed,
    /// This system does not say.
    Unknown,
}

/// What the system may do with the memory of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posture {
    /// Where memory may be swapped to.
    pub swap: Swap,
    /// Whether memory may be written to disk when the computer sleeps.
    pub hibernation: Hibernation,
    /// Whether this process can be dumped.
    pub dumps: Dumps,
    /// How many bytes this process may lock into memory. `None`: the system has no limit or does not say.
    pub lockable_bytes: Option<u64>,
}

impl Posture {
    /// Asks the system for its posture.
    #[must_use]
    pub fn of_this_system() -> Self {
        system::posture()
    }

    /// Whether the memory of this process stays off every disk, as far as the system says.
    #[must_use]
    pub fn is_good(&self) -> bool {
        matches!(self.swap, Swap::Off | Swap::InMemory | Swap::Encrypted)
            && self.hibernation == Hibernation::Off
            && self.dumps == Dumps::Forbidden
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs;
    use std::path::Path;

    use super::{Dumps, Hibernation, Posture, Swap};

    pub(super) fn posture() -> Posture {
        let swaps = fs::read_to_string("/proc/swaps").ok();
        Posture {
            swap: swaps.map_or(Swap::Unknown, |swaps| swap(&swaps, is_encrypted)),
            hibernation: hibernation(
                fs::read_to_string("/sys/power/state").ok().as_deref(),
                fs::read_to_string("/sys/power/disk").ok().as_deref(),
            ),
            dumps: dumps(fs::read_to_string("/proc/self/status").ok().as_deref()),
            lockable_bytes: lockable(fs::read_to_string("/proc/self/limits").ok().as_deref()),
        }
    }

    /// The worst swap of all devices in `/proc/swaps`.
    pub(super) fn swap(swaps: &str, is_encrypted: impl Fn(&str) -> bool) -> Swap {
        let devices = swaps.lines().skip(1).filter_map(|line| line.split_whitespace().next());
        devices.fold(Swap::Off, |worst, device| {
            let this = if device.starts_with("/dev/zram") {
                Swap::InMemory
            } else if is_encrypted(device) {
                Swap::Encrypted
            } else {
                Swap::Plain
            };
            match (worst, this) {
                (Swap::Plain, _) | (_, Swap::Plain) => Swap::Plain,
                (Swap::Encrypted, _) | (_, Swap::Encrypted) => Swap::Encrypted,
                _ => this,
            }
        })
    }

    /// Whether this is a device-mapper device with a dm-crypt target.
    fn is_encrypted(device: &str) -> bool {
        let Ok(resolved) = fs::canonicalize(device) else { return false };
        let Some(name) = resolved.file_name() else { return false };
        let identifier = Path::new("/sys/class/block").join(name).join("dm/uuid");
        fs::read_to_string(identifier).is_ok_and(|id| id.starts_with("CRYPT-"))
    }

    pub(super) fn hibernation(state: Option<&str>, disk: Option<&str>) -> Hibernation {
        match (state, disk) {
            (Some(state), _) if !state.split_whitespace().any(|word| word == "disk") => Hibernation::Off,
            (_, Some(disk)) if disk.trim() == "[disabled]" => Hibernation::Off,
            (Some(_), _) => Hibernation::Possible,
            (None, _) => Hibernation::Unknown,
        }
    }

    /// Whether this process is dumpable, according to `prctl`. Unknown if `/proc/self/status` cannot be read.
    fn dumps(status: Option<&str>) -> Dumps {
        match (status, is_dumpable()) {
            (None, _) | (_, None) => Dumps::Unknown,
            (Some(_), Some(false)) => Dumps::Forbidden,
            (Some(_), Some(true)) => Dumps::Allowed,
        }
    }

    #[allow(unsafe_code, reason = "a foreign function")]
    fn is_dumpable() -> Option<bool> {
        // SAFETY: takes numbers only.
        match unsafe { libc::prctl(libc::PR_GET_DUMPABLE, 0, 0, 0, 0) } {
            0 => Some(false),
            1 | 2 => Some(true),
            _ => None,
        }
    }

    pub(super) fn lockable(limits: Option<&str>) -> Option<u64> {
        let line = limits?.lines().find(|line| line.starts_with("Max locked memory"))?;
        line.split_whitespace().nth(3)?.parse().ok()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        const HEAD: &str = "Filename Type Size Used Priority\n";

        #[test]
        fn the_worst_swap_counts() {
            let of = |devices: &str| swap(&format!("{HEAD}{devices}"), |device| device == "/dev/dm-1");
            assert_eq!(of(""), Swap::Off);
            assert_eq!(of("/dev/zram0 partition 1 0 100\n"), Swap::InMemory);
            assert_eq!(of("/dev/zram0 partition 1 0 100\n/dev/dm-1 partition 1 0 1\n"), Swap::Encrypted);
            assert_eq!(of("/dev/dm-1 partition 1 0 1\n/swapfile file 1 0 1\n"), Swap::Plain);
        }

        #[test]
        fn hibernation_needs_disk_among_the_states() {
            assert_eq!(hibernation(Some("freeze mem"), Some("[platform]")), Hibernation::Off);
            assert_eq!(hibernation(Some("freeze mem disk"), Some("[disabled]")), Hibernation::Off);
            assert_eq!(hibernation(Some("freeze mem disk"), Some("[platform]")), Hibernation::Possible);
            assert_eq!(hibernation(None, None), Hibernation::Unknown);
        }

        #[test]
        fn the_limit_is_read() {
            let limits =
                "Limit Soft Hard Units\nMax locked memory         8388608              8388608  bytes\n";
            assert_eq!(lockable(Some(limits)), Some(8_388_608));
            assert_eq!(lockable(Some("Max locked memory unlimited unlimited bytes")), None);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::{Dumps, Hibernation, Posture, Swap};

    pub(super) fn posture() -> Posture {
        Posture {
            swap: Swap::Unknown,
            hibernation: Hibernation::Unknown,
            dumps: Dumps::Unknown,
            lockable_bytes: None,
        }
    }
}
