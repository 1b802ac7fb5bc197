//! Makes the theme of `ui/tokens.json` for both sides, and compiles the component tree.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::{Map, Value};

fn main() {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed=ui/tokens.json");
    let tokens: Value = serde_json::from_str(&std::fs::read_to_string("ui/tokens.json").unwrap()).unwrap();
    write(&out.join("theme.slint"), &theme(&tokens));
    write(&out.join("palette.rs"), &palette(&tokens));
    write(&out.join("icons.slint"), &icons(Path::new("ui/icons")));
    let configuration = slint_build::CompilerConfiguration::new()
        .with_style("fluent".into())
        .with_include_paths(vec![out])
        // Tests look elements up by their names.
        .with_debug_info(std::env::var_os("PROFILE").is_some_and(|profile| profile == "debug"));
    slint_build::compile_with_config("ui/app.slint", configuration).unwrap();
}

/// The compiler watches what it reads: what is new each time would be compiled each time.
fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::File::options().write(true).open(path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
}

fn colours<'a>(tokens: &'a Value, theme: &str) -> &'a Map<String, Value> {
    tokens[theme].as_object().expect("a theme")
}

/// `#RRGGBB`, or `#RRGGBBAA` for `rgba(…)`.
fn hex(value: &Value) -> String {
    let text = value.as_str().expect("a colour");
    let Some(inside) = text.strip_prefix("rgba(").and_then(|text| text.strip_suffix(')')) else {
        return text.to_owned();
    };
    let (colour, alpha) = inside.rsplit_once(',').expect("red, green, blue, alpha");
    let mut text = String::from("#");
    for part in colour.split(',') {
        let part: u8 = part.trim().parse().unwrap();
        write!(text, "{part:02X}").unwrap();
    }
    let alpha: f64 = alpha.trim().parse().unwrap();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
    let alpha = (alpha.clamp(0.0, 1.0) * 255.0) as u8;
    write!(text, "{alpha:02X}").unwrap();
    text
}

fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn theme(tokens: &Value) -> String {
    let mut text = String::from(
        "export global Theme {\n    in property <bool> dark: true;\n    in property <bool> still: false;\n",
    );
    let (dark, light) = (colours(tokens, "dark"), colours(tokens, "light"));
    for (name, value) in dark {
        let (dark, light) = (hex(value), hex(&light[name]));
        writeln!(text, "    out property <color> {}: dark ? {dark} : {light};", kebab(name)).unwrap();
    }
    let members = tokens["memberColours"].as_array().unwrap();
    let list = |theme: &str| members.iter().map(|colour| hex(&colour[theme])).collect::<Vec<_>>().join(", ");
    writeln!(text, "    out property <[color]> people: dark ? [{}] : [{}];", list("dark"), list("light"))
        .unwrap();
    for (name, milliseconds) in tokens["motion"].as_object().unwrap() {
        writeln!(text, "    out property <duration> {name}: still ? 0ms : {milliseconds}ms;").unwrap();
    }
    text.push_str("}\n");
    text
}

fn palette(tokens: &Value) -> String {
    let number = |value: &Value| u32::from_str_radix(&hex(value)[1..7], 16).unwrap();
    let mut text = String::from(
        "/// Colours of a theme, `0xRRGGBB`.\n#[derive(Clone, Copy, Debug)]\npub struct Palette {\n",
    );
    let names: Vec<&String> = colours(tokens, "dark").keys().collect();
    for name in &names {
        writeln!(text, "    /// `{name}` of the design.\n    pub {}: u32,", kebab(name).replace('-', "_"))
            .unwrap();
    }
    text.push_str("    /// Colours of people.\n    pub people: [u32; 10],\n}\n\n");
    for theme in ["dark", "light"] {
        writeln!(text, "/// The {theme} theme.\npub const {}: Palette = Palette {{", theme.to_uppercase())
            .unwrap();
        for name in &names {
            let value = number(&colours(tokens, theme)[*name]);
            writeln!(text, "    {}: {value:#08x},", kebab(name).replace('-', "_")).unwrap();
        }
        let members = tokens["memberColours"].as_array().unwrap();
        let list: Vec<String> =
            members.iter().map(|colour| format!("{:#08x}", number(&colour[theme]))).collect();
        writeln!(text, "    people: [{}],\n}};", list.join(", ")).unwrap();
    }
    text
}

/// A component tree cannot make a path of a name: so every picture gets a branch.
fn icons(folder: &Path) -> String {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".svg").map(str::to_owned))
        .collect();
    names.sort();
    let folder = folder.canonicalize().unwrap();
    let mut text = String::from("export global Icons {\n");
    for name in &names {
        let path = folder.join(format!("{name}.svg"));
        writeln!(text, "    out property <image> {name}: @image-url({:?});", path.display().to_string())
            .unwrap();
    }
    text.push_str("    public pure function named(name: string) -> image {\n");
    for name in &names {
        writeln!(text, "        if (name == {name:?}) {{ return root.{name}; }}").unwrap();
    }
    text.push_str("        return root.info;\n    }\n}\n");
    text
}
