//! What the toolkit cannot paint: emoji in colour, faces, rich text. Everything that was painted is kept for the next
//! time within bounds, and forgotten with the session.

use std::collections::HashMap;
use std::ops::Range;

use shepot_pictures::avatar;
use shepot_sanitise::Sanitised;
use shepot_typeset::{Colour, Laid, Paragraph, Picture, Span, Style, Typesetter, Weight};
use shepot_view::{emoji, people};
use shepot_window::palette::{DARK, LIGHT, Palette};
use shepot_window::{EmojiCell, Face, FaceKind, Name};
use slint::{Image, SharedPixelBuffer};

use crate::shown::Shown as _;

/// Emoji pictures that are kept.
const MOST_EMOJI: usize = 2_048;

/// Faces that are kept.
const MOST_FACES: usize = 1_024;

/// Paints.
pub(crate) struct Painter {
    setter: Typesetter,
    scale: f32,
    is_dark: bool,
    emoji: HashMap<(String, u32), Image>,
    faces: HashMap<(u64, u32), Option<Image>>,
}

/// How the toolkit paints a text. Lengths in logical pixels.
#[derive(Clone, Copy)]
pub(crate) struct LineOf {
    pub(crate) style: Style,
    /// Where it is wrapped.
    pub(crate) width: Option<f32>,
    pub(crate) size: f32,
    pub(crate) height: f32,
    /// Of an emoji.
    pub(crate) side: f32,
}

/// What a face is made of.
#[derive(Clone, Copy)]
pub(crate) enum FaceOf<'a> {
    /// A mood, or an emoji that was chosen.
    Emoji(&'a str),
    /// A picture as it was sent.
    Picture(&'a [u8]),
    /// The first letter of the nick.
    Letter,
}

impl Painter {
    pub(crate) fn new() -> Self {
        Self {
            setter: Typesetter::default(),
            scale: 1.0,
            is_dark: true,
            emoji: HashMap::new(),
            faces: HashMap::new(),
        }
    }

    /// Pixels of the screen for one of ours, and the theme. True when something has to be painted anew.
    pub(crate) fn set(&mut self, scale: f32, is_dark: bool) -> bool {
        let changes = self.scale.to_bits() != scale.to_bits() || self.is_dark != is_dark;
        self.scale = scale;
        self.is_dark = is_dark;
        changes
    }

    pub(crate) const fn scale(&self) -> f32 {
        self.scale
    }

    /// The colours of the theme.
    pub(crate) const fn palette(&self) -> &'static Palette {
        if self.is_dark { &DARK } else { &LIGHT }
    }

    /// The colour of a person.
    pub(crate) fn person(&self, index: u8) -> Colour {
        Colour::of(self.palette().people.get(usize::from(index)).copied().unwrap_or(self.palette().t1))
    }

    /// Forgets everything that was painted.
    pub(crate) fn forget(&mut self) {
        self.emoji = HashMap::new();
        self.faces = HashMap::new();
        self.setter.forget();
    }

    /// An emoji in a square.
    pub(crate) fn emoji(&mut self, text: &str, side: f32) -> Image {
        let pixels = whole(side * self.scale);
        let key = (text.to_owned(), pixels);
        if let Some(image) = self.emoji.get(&key) {
            return image.clone();
        }
        if self.emoji.len() >= MOST_EMOJI {
            self.emoji.clear();
        }
        let ink = Colour::of(self.palette().t1);
        #[allow(clippy::cast_precision_loss, reason = "pixels of a screen")]
        let painted = self.setter.emoji(text, pixels as f32, ink);
        let image = to_image(&painted);
        self.emoji.insert(key, image.clone());
        image
    }

    /// Text for the toolkit: as it is, or as a picture where it has emoji.
    pub(crate) fn name(&mut self, text: &str, size: f32, weight: Weight, colour: Colour) -> Name {
        let text = Sanitised::in_one_line(text);
        if !emoji::has_any(&text) {
            return Name { text: (&*text).shown(), ..Name::default() };
        }
        let style = Style { colour, weight, ..Style::default() };
        let spans = [Span::new(text.clone(), style)];
        let laid = self.lay(&spans, None, size, (size * 1.43).round());
        let picture = self.paint(&laid, laid.width(), None);
        Name { text: (&*text).shown(), picture, width: laid.width() }
    }

    /// The emoji of a text that the toolkit paints, and where it leaves gaps for them.
    pub(crate) fn emoji_in(&mut self, text: &str, line: &LineOf) -> Vec<EmojiCell> {
        if !emoji::has_any(text) {
            return Vec::new();
        }
        // What is not seen takes no room: the toolkit's letters stand where these do.
        let text = &Sanitised::of(text);
        let LineOf { style, width, size, height, side } = *line;
        let laid = self.lay(&[Span::new(text.clone(), style)], width, size, height);
        let place = |(at, found): (usize, &str)| {
            let [left, top, right, bottom] = laid.boxes(&(at..at + found.len())).first().copied()?;
            Some((found.to_owned(), left + (right - left - side) / 2.0, top + (bottom - top - side) / 2.0))
        };
        let places: Vec<_> = emoji::places(text).into_iter().filter_map(place).collect();
        places
            .into_iter()
            .map(|(found, x, y)| EmojiCell {
                picture: self.emoji(&found, side),
                text: found.shown(),
                x,
                y,
                ..EmojiCell::default()
            })
            .collect()
    }

    /// A text in which what was looked for is marked.
    pub(crate) fn marked(&self, text: &str, hits: &[Range<usize>], plain: Style) -> Vec<Span> {
        let palette = self.palette();
        let hit =
            Style { colour: Colour::of(palette.tint_text), back: Some(Colour::of(palette.tint)), ..plain };
        let (mut spans, mut at) = (Vec::new(), 0);
        for range in hits {
            spans.extend(text.get(at..range.start).map(|part| Span::new(part, plain)));
            spans.extend(text.get(range.clone()).map(|part| Span::new(part, hit)));
            at = range.end;
        }
        spans.extend(text.get(at..).map(|part| Span::new(part, plain)));
        spans
    }

    /// A person's face.
    pub(crate) fn face(&mut self, of: FaceOf<'_>, nick: &str, colour: u8, side: f32) -> Face {
        let letter =
            Face { letter: people::initial(nick).shown(), colour: i32::from(colour), ..Face::default() };
        match of {
            FaceOf::Letter => letter,
            FaceOf::Emoji(text) => {
                Face { kind: FaceKind::Emoji, picture: self.emoji(text, (side * 0.66).round()), ..letter }
            }
            FaceOf::Picture(bytes) => match self.round(bytes, side) {
                Some(picture) => Face { kind: FaceKind::Picture, picture, ..letter },
                None => letter,
            },
        }
    }

    /// A picture in a circle; none when it cannot be decoded within its limits.
    pub(crate) fn round(&mut self, bytes: &[u8], side: f32) -> Option<Image> {
        let pixels = whole(side * self.scale);
        let key = (avatar::fingerprint(bytes), pixels);
        if let Some(image) = self.faces.get(&key) {
            return image.clone();
        }
        if self.faces.len() >= MOST_FACES {
            self.faces.clear();
        }
        // What cannot be shown is remembered as well: it is not tried for every frame.
        let image = avatar::round(bytes, pixels).map(|picture| to_image(&picture));
        self.faces.insert(key, image.clone());
        image
    }

    /// Lays text out. Lengths in logical pixels.
    pub(crate) fn lay(&mut self, spans: &[Span], width: Option<f32>, size: f32, line_height: f32) -> Laid {
        self.setter.lay(&Paragraph { spans, width, scale: self.scale, size, line_height })
    }

    /// Paints text of any height, in images one below the other: where each begins, in logical pixels.
    pub(crate) fn paint_parts(
        &mut self,
        laid: &Laid,
        width: f32,
        selected: Option<&Range<usize>>,
    ) -> Vec<(f32, Image)> {
        let colour = Colour::of(self.palette().accent);
        let parts = self.setter.paint_parts(laid, width, selected.map(|range| (range, colour)));
        parts.into_iter().map(|(top, picture)| (top, to_image(&picture))).collect()
    }

    /// Paints text that is laid out.
    pub(crate) fn paint(&mut self, laid: &Laid, width: f32, selected: Option<&Range<usize>>) -> Image {
        let colour = Colour::of(self.palette().accent);
        to_image(&self.setter.paint(laid, width, selected.map(|range| (range, colour))))
    }
}

fn to_image(picture: &Picture) -> Image {
    Image::from_rgba8_premultiplied(SharedPixelBuffer::clone_from_slice(
        &picture.pixels,
        picture.width,
        picture.height,
    ))
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixels of a screen, at least one"
)]
fn whole(length: f32) -> u32 {
    length.round().clamp(1.0, 4_096.0) as u32
}
