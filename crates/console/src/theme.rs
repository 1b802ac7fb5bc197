//! Colours: as many as the terminal has, and none if the person wants none. Colour is never the only sign of something.

use ratatui::style::{Color, Modifier, Style};

/// The colours that the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// None: `NO_COLOR` is set, or the terminal has none.
    None,
    /// The 16 that every terminal has, in the shades that the person chose.
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// 24 bits.
    True,
}

impl Depth {
    /// The depth according to the environment (<https://no-color.org>, `COLORTERM`, `TERM`).
    #[must_use]
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let terminal = variable("TERM").unwrap_or_default();
        if is_set("NO_COLOR") || terminal == "dumb" {
            return Self::None;
        }
        let colours = variable("COLORTERM").unwrap_or_default();
        if colours == "truecolor" || colours == "24bit" || terminal.ends_with("-direct") {
            Self::True
        } else if terminal.contains("256color") || is_set("WT_SESSION") {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }
}

/// The role of a text, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Text to read.
    Text,
    /// Secondary text.
    Second,
    /// Captions and times.
    Faint,
    /// Rules and frames.
    Line,
    /// Something to press, or the chosen line.
    Accent,
    /// Success.
    Ok,
    /// A warning.
    Warn,
    /// An error, or something that destroys.
    Danger,
    /// A person, by the number of the colour.
    Person(u8),
}

/// The role of a background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// The normal background.
    Ground,
    /// Bars, boxes and the chosen line.
    Raised,
    /// The name of the program.
    Accent,
}

/// Red, green and blue of the design's dark theme.
type Rgb = (u8, u8, u8);

const PEOPLE: [Rgb; 10] = [
    (0xFF, 0x9E, 0x8F),
    (0xF2, 0xB3, 0x6B),
    (0xD6, 0xC6, 0x5C),
    (0x9F, 0xD4, 0x7A),
    (0x6F, 0xD6, 0xAE),
    (0x6C, 0xCF, 0xE6),
    (0x8F, 0xBE, 0xFF),
    (0xB9, 0xB0, 0xFF),
    (0xE3, 0xA4, 0xF2),
    (0xFF, 0x9C, 0xC4),
];

/// The nearest of the 16 colours, in the same order. If two people share one, their fingerprints tell them apart.
const PEOPLE_OF_SIXTEEN: [Color; 10] = [
    Color::LightRed,
    Color::Yellow,
    Color::LightYellow,
    Color::LightGreen,
    Color::Green,
    Color::LightCyan,
    Color::LightBlue,
    Color::Cyan,
    Color::LightMagenta,
    Color::Magenta,
];

/// A QR code: dark on light for cameras, in every theme and even if the person wants no colours.
pub const CODE: Style = Style::new().fg(Color::Black).bg(Color::White);

/// The look of a terminal.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    depth: Depth,
}

impl Theme {
    /// The look for this depth.
    #[must_use]
    pub const fn new(depth: Depth) -> Self {
        Self { depth }
    }

    /// The style of a text on the normal background.
    #[must_use]
    pub fn ink(&self, ink: Ink) -> Style {
        let style = Style::new();
        match self.depth {
            Depth::None => match ink {
                Ink::Second | Ink::Faint | Ink::Line => style.add_modifier(Modifier::DIM),
                Ink::Accent | Ink::Warn | Ink::Danger => style.add_modifier(Modifier::BOLD),
                Ink::Text | Ink::Ok | Ink::Person(_) => style,
            },
            // On a ground of our own: of the terminal's nothing is known.
            Depth::Sixteen => match ink {
                Ink::Text => style.fg(Color::White),
                Ink::Second | Ink::Faint => style.fg(Color::Gray),
                Ink::Line => style.fg(Color::DarkGray),
                Ink::Accent => style.fg(Color::LightBlue),
                Ink::Ok => style.fg(Color::Green),
                Ink::Warn => style.fg(Color::Yellow),
                Ink::Danger => style.fg(Color::LightRed),
                Ink::Person(number) => {
                    style.fg(PEOPLE_OF_SIXTEEN.get(usize::from(number)).copied().unwrap_or(Color::White))
                }
            },
            Depth::Indexed | Depth::True => style.fg(self.colour(rgb_of(ink))),
        }
    }

    /// The same in bold.
    #[must_use]
    pub fn bold(&self, ink: Ink) -> Style {
        self.ink(ink).add_modifier(Modifier::BOLD)
    }

    /// The style of a background.
    #[must_use]
    pub fn paper(&self, paper: Paper) -> Style {
        let style = Style::new();
        match (self.depth, paper) {
            (Depth::None, Paper::Ground | Paper::Raised) => style,
            (Depth::None, Paper::Accent) => style.add_modifier(Modifier::REVERSED),
            // There is no second ground: bars are told by their lines. Both colours are set, whatever is written there.
            (Depth::Sixteen, Paper::Ground | Paper::Raised) => style.bg(Color::Black).fg(Color::White),
            (Depth::Sixteen, Paper::Accent) => style.bg(Color::White).fg(Color::Black),
            (Depth::Indexed | Depth::True, Paper::Ground) => style.bg(self.colour((0x15, 0x17, 0x1C))),
            (Depth::Indexed | Depth::True, Paper::Raised) => style.bg(self.colour((0x24, 0x27, 0x30))),
            (Depth::Indexed | Depth::True, Paper::Accent) => {
                style.bg(self.colour((0xAE, 0xBB, 0xFF))).fg(self.colour((0x17, 0x1B, 0x2C)))
            }
        }
    }

    /// The style of the chosen line in a list.
    #[must_use]
    pub fn chosen(&self) -> Style {
        match self.depth {
            Depth::None | Depth::Sixteen => Style::new().add_modifier(Modifier::REVERSED),
            Depth::Indexed | Depth::True => Style::new().bg(self.colour((0x2C, 0x31, 0x3C))),
        }
    }

    /// The style of a match, or of something to press within a text.
    #[must_use]
    pub fn marked(&self) -> Style {
        match self.depth {
            Depth::None | Depth::Sixteen => Style::new().add_modifier(Modifier::REVERSED),
            Depth::Indexed | Depth::True => {
                Style::new().bg(self.colour((0x43, 0x49, 0x65))).fg(self.colour((0xEC, 0xEE, 0xF4)))
            }
        }
    }

    fn colour(&self, (red, green, blue): Rgb) -> Color {
        match self.depth {
            Depth::True => Color::Rgb(red, green, blue),
            Depth::None | Depth::Sixteen | Depth::Indexed => Color::Indexed(indexed(red, green, blue)),
        }
    }
}

fn rgb_of(ink: Ink) -> Rgb {
    match ink {
        Ink::Text => (0xEC, 0xEE, 0xF4),
        Ink::Second => (0xB7, 0xBD, 0xCC),
        Ink::Faint => (0xA1, 0xA8, 0xBA),
        Ink::Line => (0x59, 0x5F, 0x76),
        Ink::Accent => (0xAE, 0xBB, 0xFF),
        Ink::Ok => (0x7B, 0xD3, 0xA4),
        Ink::Warn => (0xF0, 0xC2, 0x74),
        Ink::Danger => (0xFF, 0x9A, 0x93),
        Ink::Person(number) => PEOPLE.get(usize::from(number)).copied().unwrap_or((0xEC, 0xEE, 0xF4)),
    }
}

/// The nearest of xterm's 256 colours: a cube with six levels each, and 24 greys.
fn indexed(red: u8, green: u8, blue: u8) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let nearest = |value: u8| {
        let place = LEVELS.iter().enumerate().min_by_key(|(_, level)| level.abs_diff(value));
        place.map_or((0, 0), |(at, level)| (u8::try_from(at).unwrap_or_default(), *level))
    };
    let distance = |one: Rgb, other: Rgb| {
        let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        square(one.0, other.0) + square(one.1, other.1) + square(one.2, other.2)
    };
    let [(r, red_level), (g, green_level), (b, blue_level)] = [red, green, blue].map(nearest);
    let grey = (0..24_u8).min_by_key(|step| {
        let level = 8 + 10 * step;
        distance((red, green, blue), (level, level, level))
    });
    let grey = grey.unwrap_or_default();
    let grey_level = 8 + 10 * grey;
    let cube = distance((red, green, blue), (red_level, green_level, blue_level));
    if distance((red, green, blue), (grey_level, grey_level, grey_level)) < cube {
        232 + grey
    } else {
        16 + 36 * r + 6 * g + b
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(variables: &[(&str, &str)]) -> Depth {
        Depth::of_environment(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_says_how_many_colours_there_are() {
        assert_eq!(depth(&[("TERM", "xterm")]), Depth::Sixteen);
        assert_eq!(depth(&[("TERM", "tmux-256color")]), Depth::Indexed);
        assert_eq!(depth(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(depth(&[("COLORTERM", "truecolor"), ("NO_COLOR", "1")]), Depth::None);
        assert_eq!(depth(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]), Depth::Indexed);
        assert_eq!(depth(&[("TERM", "dumb")]), Depth::None);
    }

    #[test]
    fn without_colours_there_are_none() {
        let theme = Theme::new(Depth::None);
        for ink in [Ink::Text, Ink::Faint, Ink::Accent, Ink::Danger, Ink::Person(3)] {
            assert_eq!((theme.bold(ink).fg, theme.bold(ink).bg), (None, None));
        }
        for paper in [Paper::Ground, Paper::Raised, Paper::Accent] {
            assert_eq!((theme.paper(paper).fg, theme.paper(paper).bg), (None, None));
        }
    }

    #[test]
    fn both_colours_are_set_or_none() {
        let inks = [
            Ink::Text,
            Ink::Second,
            Ink::Faint,
            Ink::Line,
            Ink::Accent,
            Ink::Ok,
            Ink::Warn,
            Ink::Danger,
            Ink::Person(7),
            Ink::Person(77),
        ];
        for depth in [Depth::None, Depth::Sixteen, Depth::Indexed, Depth::True] {
            let theme = Theme::new(depth);
            for paper in [Paper::Ground, Paper::Raised] {
                for ink in inks {
                    let style = theme.paper(paper).patch(theme.ink(ink));
                    assert_eq!(style.fg.is_some(), style.bg.is_some(), "{depth:?} {paper:?} {ink:?}");
                    assert!(style.fg.is_none() || style.fg != style.bg, "{depth:?} {paper:?} {ink:?}");
                }
            }
        }
    }

    #[test]
    fn the_nearest_of_256_is_found() {
        assert_eq!((indexed(0, 0, 0), indexed(255, 255, 255), indexed(255, 0, 0)), (16, 231, 196));
        assert_eq!(indexed(0x15, 0x17, 0x1C), 234);
    }
}
