//! Text with its looks.

use shepot_sanitise::Sanitised;

/// A colour without transparency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Colour {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
}

impl Colour {
    /// Of `0xRRGGBB`.
    #[must_use]
    pub const fn of(rgb: u32) -> Self {
        let [_, red, green, blue] = rgb.to_be_bytes();
        Self { red, green, blue }
    }
}

/// How heavy the letters are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    /// 400.
    #[default]
    Regular,
    /// 500.
    Medium,
    /// 600.
    SemiBold,
    /// 700.
    Bold,
}

/// How a span looks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Style {
    /// Of the letters.
    pub colour: Colour,
    /// Behind the letters.
    pub back: Option<Colour>,
    /// Of the letters.
    pub weight: Weight,
    /// Slanted.
    pub italic: bool,
    /// Letters of one width.
    pub mono: bool,
    /// A line below.
    pub underline: bool,
    /// A line through.
    pub strike: bool,
    /// Another size than the paragraph's: a factor.
    pub scale: Option<f32>,
}

/// A piece of text with one look.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Span {
    /// What it says.
    pub text: Sanitised,
    /// How.
    pub style: Style,
}

impl Span {
    /// A piece of text, sanitised if it is not.
    #[must_use]
    pub fn new(text: impl Into<Sanitised>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}
