//! Text in styles.

use shepot_sanitise::Sanitised;

/// An opaque colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Colour {
    /// Red, 0 to 255.
    pub red: u8,
    /// Green, 0 to 255.
    pub green: u8,
    /// Blue, 0 to 255.
    pub blue: u8,
}

impl Colour {
    /// The colour `0xRRGGBB`.
    #[must_use]
    pub const fn of(rgb: u32) -> Self {
        let [_, red, green, blue] = rgb.to_be_bytes();
        Self { red, green, blue }
    }
}

/// The weight of the letters.
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

/// The style of a span.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Style {
    /// The colour of the letters.
    pub colour: Colour,
    /// The colour behind the letters. `None`: transparent.
    pub back: Option<Colour>,
    /// The weight of the letters.
    pub weight: Weight,
    /// Whether it is italic.
    pub italic: bool,
    /// Whether it is monospaced.
    pub mono: bool,
    /// Whether it is underlined.
    pub underline: bool,
    /// Whether it is struck through.
    pub strike: bool,
    /// The size, as a factor of the paragraph's. `None`: the same size.
    pub scale: Option<f32>,
}

/// A piece of text in one style.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Span {
    /// The text.
    pub text: Sanitised,
    /// The style.
    pub style: Style,
}

impl Span {
    /// A piece of text, which is sanitised if it is not yet.
    #[must_use]
    pub fn new(text: impl Into<Sanitised>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}
