//! The settings: from a file (weakest), the environment, and flags (strongest). Wrong or unknown settings are refused
//! by name, whatever source they come from.

use std::ffi::OsStr;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use shepot_l10n::{L10n, Language};
use shepot_protocol::Address;
use shepot_protocol::address::Host;
use shepot_relay::{Configuration, ConfigurationError, Limits};

use crate::arguments::Options;
use crate::control::{Change, Reloaded};
use crate::folders;
use crate::limits::{LIMITS, set};

/// The beginning of the names of our variables.
const PREFIX: &str = "SHEPOT_";

/// The longest value for the silence after which a connection is dead.
const LONGEST_SILENCE: Duration = Duration::from_secs(2 * 3_600);

/// The largest file of settings that is read, in bytes.
const MOST_FILE_BYTES: u64 = 1024 * 1024;

/// How many addresses may be declared as shared by many people.
const MOST_SHARED_ADDRESSES: usize = 16;

/// The settings of the server.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) listen: Vec<SocketAddr>,
    /// Addresses that many people share.
    pub(crate) shared_addresses: Vec<IpAddr>,
    pub(crate) public_address: Option<Address>,
    pub(crate) open: bool,
    pub(crate) state_dir: PathBuf,
    pub(crate) log_dir: PathBuf,
    pub(crate) control_socket: PathBuf,
    /// The address for figures for Prometheus, which only this machine can reach. `None`: there are none.
    pub(crate) metrics: Option<SocketAddr>,
    pub(crate) language: Language,
    pub(crate) limits: Limits,
    /// The first mistake in the file, which commands may ignore.
    pub(crate) passed_over: Option<SettingError>,
}

/// The sources of the settings, kept so that they can be read again.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    options: Options,
    environment: Vec<(String, String)>,
}

impl Sources {
    /// `environment`: the names and values of the system's variables.
    pub(crate) const fn new(options: Options, environment: Vec<(String, String)>) -> Self {
        Self { options, environment }
    }

    /// Reads all sources.
    pub(crate) fn read(&self, system_language: Language) -> Result<Settings, SettingError> {
        let settings = self.read_what_is_right(system_language)?;
        settings.passed_over.clone().map_or(Ok(settings), Err)
    }

    /// Reads all sources, and ignores mistakes in the file. For commands that can do without it.
    pub(crate) fn read_what_is_right(&self, system_language: Language) -> Result<Settings, SettingError> {
        Settings::read(&self.options, &self.environment, system_language)
    }
}

/// A mistake of the operator, or a file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SettingError {
    /// There is no setting with this name.
    Unknown { place: String, name: String, known: String },
    /// The value is not valid for this setting. `advice` names the sentence that says what to write instead.
    Wrong { place: String, value: String, advice: &'static str },
    /// The value is outside its range.
    OutOfRange { name: &'static str, value: u64, lowest: u64, highest: u64 },
    /// The file of settings cannot be read.
    File { path: PathBuf, error: String },
    /// The system has no place for the state.
    NoHome,
}

impl SettingError {
    /// The sentence that tells the operator.
    pub(crate) fn tr(&self, l10n: &L10n) -> String {
        match self {
            Self::Unknown { place, name, known } => {
                l10n.tr("server-unknown-setting", &[("place", place), ("name", name), ("known", known)])
            }
            Self::Wrong { place, value, advice } => {
                let advice = l10n.tr(advice, &[]);
                l10n.tr("server-wrong-setting", &[("place", place), ("value", value), ("advice", &advice)])
            }
            Self::OutOfRange { name, value, lowest, highest } => {
                let [value, lowest, highest] = [value, lowest, highest].map(ToString::to_string);
                let values = [("name", *name), ("value", &value), ("lowest", &lowest), ("highest", &highest)];
                l10n.tr("server-setting-out-of-range", &values)
            }
            Self::File { path, error } => {
                l10n.tr("server-settings-file", &[("path", &path.display().to_string()), ("error", error)])
            }
            Self::NoHome => l10n.tr("server-no-home", &[]),
        }
    }
}

/// The settings so far, from whatever source.
#[derive(Debug, Default)]
struct Said {
    listen: Vec<SocketAddr>,
    shared_addresses: Vec<IpAddr>,
    public_address: Option<Address>,
    open: bool,
    state_dir: Option<PathBuf>,
    log_dir: Option<PathBuf>,
    control_socket: Option<PathBuf>,
    metrics: Option<SocketAddr>,
    language: Option<Language>,
    limits: Limits,
}

/// Where commands look for a server if nothing else was set.
fn usual_socket(state: &Path) -> PathBuf {
    state.join("run/control")
}

/// The word in the form that a shell takes for one word.
fn quoted(word: &str) -> String {
    let plain_signs = if cfg!(windows) { "-_./:,\\[]" } else { "-_./:," };
    if !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || plain_signs.contains(c)) {
        word.to_owned()
    } else if cfg!(windows) {
        // A backslash before the quote would take it for a letter.
        let slashes = word.len() - word.trim_end_matches('\\').len();
        format!("\"{word}{}\"", "\\".repeat(slashes))
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

impl Settings {
    /// Reads all sources. `environment`: the names and values of the system's variables. Mistakes in the file go into
    /// [`Self::passed_over`].
    fn read(
        options: &Options,
        environment: &[(String, String)],
        system_language: Language,
    ) -> Result<Self, SettingError> {
        let mut said = Said::default();
        let variable = |name: &str| environment.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let file = options.config.clone().or_else(|| variable("SHEPOT_CONFIG").map(PathBuf::from));
        let file = file.or_else(|| {
            let is_elsewhere = options.state_dir.is_some() || variable("SHEPOT_STATE_DIR").is_some();
            folders::settings().filter(|_| !is_elsewhere)
        });
        let wrong_in_file = match file {
            Some(file) => said.file(&file)?.or(check(&said.limits).err()),
            None => None,
        };
        if wrong_in_file.is_some() {
            said.limits = Limits::default();
        }
        said.environment(environment)?;
        said.flags(options)?;
        check(&said.limits)?;
        // Otherwise a command would reach another server than the file is for.
        let is_placed = said.control_socket.is_some() || said.state_dir.is_some();
        let passed_over = match wrong_in_file {
            Some(error) if !is_placed => return Err(error),
            wrong => wrong,
        };
        let listen = if said.listen.is_empty() { Configuration::default().listen } else { said.listen };
        let state_dir = said.state_dir.or_else(folders::state).ok_or(SettingError::NoHome)?;
        let log_dir = said.log_dir.or_else(folders::logs).unwrap_or_else(|| state_dir.join("logs"));
        let control_socket = said.control_socket.unwrap_or_else(|| usual_socket(&state_dir));
        // Whatever folder a later step looks from. An empty path stays, and is refused where it is used.
        let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
        let [state_dir, log_dir, control_socket] = [state_dir, log_dir, control_socket].map(absolute);
        Ok(Self {
            listen,
            shared_addresses: said.shared_addresses,
            public_address: said.public_address,
            open: said.open,
            state_dir,
            log_dir,
            control_socket,
            metrics: said.metrics,
            language: said.language.unwrap_or(system_language),
            limits: said.limits,
            passed_over,
        })
    }

    /// The command line that reaches this server from any other terminal of this machine. `program`: this program, as
    /// it was called.
    pub(crate) fn command(&self, program: &OsStr, name: &str) -> String {
        let program = Path::new(program);
        // A bare name is looked for along the path, there as here.
        let is_place = program.components().count() > 1;
        let place = std::path::absolute(program).ok().filter(|_| is_place);
        let program = place.as_deref().unwrap_or(program);
        let mut line = format!("{} {name}", quoted(&program.to_string_lossy()));
        let mut say = |flag: &str, value: &str| line.push_str(&format!(" {flag} {}", quoted(value)));
        // What is usual here may not be so there.
        say("--state-dir", &self.state_dir.to_string_lossy());
        if self.control_socket != usual_socket(&self.state_dir) {
            say("--control-socket", &self.control_socket.to_string_lossy());
        }
        if cfg!(not(unix)) {
            // Nobody can be asked there: the command goes by its own settings.
            self.listen.iter().for_each(|address| say("--listen", &address.to_string()));
            self.public_address.iter().for_each(|address| say("--public-address", &address.to_string()));
            if self.open {
                line.push_str(" --open");
            }
        }
        line
    }

    /// The differences to settings that were read later, separated by whether they can change while the server runs.
    pub(crate) fn compare(&self, later: &Self) -> Reloaded {
        let mut reloaded = Reloaded::default();
        let (before, now) = (self.shown(), later.shown());
        for ((name, is_live, before), (_, _, now)) in before.into_iter().zip(now) {
            if before != now {
                let list = if is_live { &mut reloaded.changed } else { &mut reloaded.need_restart };
                list.push(Change { setting: name, before, now });
            }
        }
        reloaded
    }

    /// Every setting: its name, whether it can change while the server runs, and its value.
    fn shown(&self) -> Vec<(String, bool, String)> {
        let path = |path: &Path| path.display().to_string();
        // Without a port it gets the one that the server listens on.
        let shown = |address: &Address| {
            let text = address.to_string();
            text.strip_suffix(":0").map_or(text.clone(), str::to_owned)
        };
        let public = self.public_address.as_ref().map(shown).unwrap_or_default();
        let settings = [
            ("listen", false, list(&self.listen)),
            ("shared_addresses", true, list(&self.shared_addresses)),
            ("public_address", true, public),
            ("open", true, self.open.to_string()),
            ("state_dir", false, path(&self.state_dir)),
            ("log_dir", false, path(&self.log_dir)),
            ("control_socket", false, path(&self.control_socket)),
            ("metrics", false, list(self.metrics.as_slice())),
            ("language", false, self.language.code().to_owned()),
        ]
        .map(|(name, is_live, value)| (name.to_owned(), is_live, value));
        let limits = LIMITS
            .iter()
            .map(|limit| (format!("limits.{}", limit.name), true, (limit.read)(&self.limits).to_string()));
        settings.into_iter().chain(limits).collect()
    }
}

fn list<A: ToString>(addresses: &[A]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn check(limits: &Limits) -> Result<(), SettingError> {
    let configuration = Configuration { listen: Configuration::default().listen, limits: *limits };
    configuration.validate().map_err(out_of_range)?;
    let (ping, dead) = (limits.ping_interval.as_secs(), limits.dead_after.as_secs());
    if dead <= ping {
        // Everybody would be taken for dead between two pings.
        let name = "dead_after_seconds";
        let highest = LONGEST_SILENCE.as_secs();
        return Err(SettingError::OutOfRange { name, value: dead, lowest: ping + 1, highest });
    }
    Ok(())
}

fn out_of_range(error: ConfigurationError) -> SettingError {
    match error {
        ConfigurationError::OutOfRange { field, value, lowest, highest } => {
            // As operators write it: durations in seconds, rates by their average.
            let (name, unit) = crate::limits::written(field);
            SettingError::OutOfRange {
                name,
                value: value / unit,
                lowest: lowest.div_ceil(unit),
                highest: highest / unit,
            }
        }
        ConfigurationError::NowhereToListen => {
            SettingError::OutOfRange { name: "listen", value: 0, lowest: 1, highest: 16 }
        }
    }
}

impl Said {
    /// Takes everything that is right in a file. Returns the first mistake, or an error if the file cannot be read.
    fn file(&mut self, path: &Path) -> Result<Option<SettingError>, SettingError> {
        let failed = |error: String| SettingError::File { path: path.to_owned(), error };
        let length = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
        if length > MOST_FILE_BYTES {
            return Err(failed(format!("{length} bytes")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let place = path.display().to_string();
        let table = match text.parse::<toml::Table>() {
            Ok(table) => table,
            Err(error) => {
                self.place(&place, &text);
                return Ok(Some(failed(error.to_string())));
            }
        };
        let mut taken = Ok(());
        for (name, value) in &table {
            match (name.as_str(), value) {
                ("limits", toml::Value::Table(limits)) => {
                    for (limit, value) in limits {
                        taken = taken.and(self.set(&place, &format!("limits.{limit}"), &values(value)));
                    }
                }
                _ => taken = taken.and(self.set(&place, name, &values(value))),
            }
        }
        Ok(taken.err())
    }

    /// From a file that is not valid TOML, takes where its server is, if exactly one line says that.
    fn place(&mut self, place: &str, text: &str) {
        for name in ["state_dir", "control_socket"] {
            let mut lines = text.lines().filter(|line| line.trim_start().starts_with(name));
            let (Some(line), None) = (lines.next(), lines.next()) else { continue };
            let Ok(table) = line.parse::<toml::Table>() else { continue };
            if let Some(value) = table.get(name) {
                // What is wrong with the file is said already.
                let _ = self.set(place, name, &values(value));
            }
        }
    }

    fn environment(&mut self, environment: &[(String, String)]) -> Result<(), SettingError> {
        for (variable, value) in environment {
            let Some(name) = variable.strip_prefix(PREFIX) else { continue };
            let name = name.to_ascii_lowercase();
            match (name.as_str(), name.strip_prefix("limit_")) {
                ("config", _) => {}
                (name @ ("listen" | "shared_addresses"), _) => {
                    let list: Vec<String> = value.split(',').map(|part| part.trim().to_owned()).collect();
                    self.set(variable, name, &list)?;
                }
                (_, Some(limit)) => {
                    self.set(variable, &format!("limits.{limit}"), std::slice::from_ref(value))?;
                }
                (name, None) => self.set(variable, name, std::slice::from_ref(value))?,
            }
        }
        Ok(())
    }

    fn flags(&mut self, options: &Options) -> Result<(), SettingError> {
        for (flag, name, values) in [
            ("--listen", "listen", &options.listen),
            ("--shared-address", "shared_addresses", &options.shared_address),
        ] {
            if !values.is_empty() {
                self.set(flag, name, values)?;
            }
        }
        if options.open {
            self.open = true;
        }
        let flags = [
            ("--public-address", "public_address", &options.public_address),
            ("--state-dir", "state_dir", &options.state_dir),
            ("--log-dir", "log_dir", &options.log_dir),
            ("--control-socket", "control_socket", &options.control_socket),
            ("--metrics", "metrics", &options.metrics),
            ("--language", "language", &options.language),
        ];
        for (flag, name, value) in flags {
            if let Some(value) = value {
                self.set(flag, name, std::slice::from_ref(value))?;
            }
        }
        for limit in &options.limit {
            let wrong = || SettingError::Wrong {
                place: "--limit".to_owned(),
                value: limit.clone(),
                advice: "server-advice-limit",
            };
            let (name, number) = limit.split_once('=').ok_or_else(wrong)?;
            self.set("--limit", &format!("limits.{name}"), &[number.to_owned()])?;
        }
        Ok(())
    }

    /// Takes one setting. `place`: where it was set, for the sentence that refuses it.
    fn set(&mut self, place: &str, name: &str, values: &[String]) -> Result<(), SettingError> {
        let value = values.first().map(String::as_str).unwrap_or_default();
        let place = if place.starts_with("--") || place.starts_with(PREFIX) {
            place.to_owned()
        } else {
            format!("{place}: {name}")
        };
        let wrong = |advice| SettingError::Wrong { place: place.clone(), value: values.join(", "), advice };
        match name {
            "listen" => {
                let addresses: Result<Vec<SocketAddr>, _> =
                    values.iter().map(|value| value.parse()).collect();
                self.listen = addresses.map_err(|_| wrong("server-advice-listen"))?;
            }
            "shared_addresses" => {
                let addresses: Result<Vec<IpAddr>, _> = values.iter().map(|value| value.parse()).collect();
                let few = addresses.ok().filter(|addresses| addresses.len() <= MOST_SHARED_ADDRESSES);
                self.shared_addresses = few.ok_or_else(|| wrong("server-advice-shared-addresses"))?;
            }
            _ if values.len() != 1 => return Err(wrong("server-advice-one")),
            "public_address" => {
                self.public_address =
                    Some(public_address(value).ok_or_else(|| wrong("server-advice-address"))?);
            }
            "open" => self.open = value.parse().map_err(|_| wrong("server-advice-open"))?,
            "state_dir" => self.state_dir = Some(folder(value).ok_or_else(|| wrong("server-advice-folder"))?),
            "log_dir" => self.log_dir = Some(folder(value).ok_or_else(|| wrong("server-advice-folder"))?),
            "control_socket" => {
                self.control_socket = Some(folder(value).ok_or_else(|| wrong("server-advice-socket"))?);
            }
            "metrics" => {
                let address: Option<SocketAddr> = value.parse().ok();
                let near = address.filter(|address| address.ip().is_loopback());
                self.metrics = Some(near.ok_or_else(|| wrong("server-advice-metrics"))?);
            }
            "language" => {
                self.language = Some(value.parse().map_err(|_| wrong("server-advice-language"))?);
            }
            _ => return self.limit(place, name, value),
        }
        Ok(())
    }

    fn limit(&mut self, place: String, name: &str, value: &str) -> Result<(), SettingError> {
        let Some(limit) = name.strip_prefix("limits.") else {
            let known =
                "listen, shared_addresses, public_address, open, state_dir, log_dir, control_socket, metrics, language, limits"
                    .to_owned();
            return Err(SettingError::Unknown { place, name: name.to_owned(), known });
        };
        if !LIMITS.iter().any(|known| known.name == limit) {
            let known: Vec<_> = LIMITS.iter().map(|limit| limit.name).collect();
            return Err(SettingError::Unknown { place, name: limit.to_owned(), known: known.join(", ") });
        }
        let wrong = || SettingError::Wrong {
            place: place.clone(),
            value: value.to_owned(),
            advice: "server-advice-number",
        };
        let number = value.replace('_', "").parse().map_err(|_| wrong())?;
        set(&mut self.limits, limit, number).ok_or_else(wrong)
    }
}

/// The values of a setting in a file, as a flag would have them.
fn values(value: &toml::Value) -> Vec<String> {
    match value {
        toml::Value::String(text) => vec![text.clone()],
        toml::Value::Array(list) => list.iter().flat_map(values).collect(),
        toml::Value::Integer(number) => vec![number.to_string()],
        toml::Value::Boolean(answer) => vec![answer.to_string()],
        // No setting has such a value: shown as what it is, it is refused.
        toml::Value::Float(number) => vec![number.to_string()],
        toml::Value::Datetime(time) => vec![time.to_string()],
        toml::Value::Table(_) => vec!["[…]".to_owned()],
    }
}

fn folder(value: &str) -> Option<PathBuf> {
    (!value.is_empty()).then(|| PathBuf::from(value))
}

/// Parses an address. Without a port its port is 0, which stands for the one that the server listens on.
fn public_address(typed: &str) -> Option<Address> {
    let address: Address = typed.parse().ok()?;
    // Colons besides those of a port stand in brackets.
    let has_port = typed.rsplit(']').next().is_some_and(|end| end.contains(':'));
    let unusable = matches!(&address.host, Host::Ip(ip) if ip.is_unspecified());
    let port = if has_port { address.port } else { 0 };
    (!unusable).then_some(Address { port, ..address })
}

#[cfg(test)]
mod tests;
