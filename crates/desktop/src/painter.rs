//! Paints what the toolkit cannot: colour emoji, faces, rich text. Caches images within bounds, and forgets them with
//! the session.

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

/// The most emoji images that are cached.
const MOST_EMOJI: usize = 2_048;

/// The most faces that are cached.
const MOST_FACES: usize = 1_024;

/// Paints and caches images.
pub(crate) struct Painter {
    setter: Typesetter,
    scale: f32,
    is_dark: bool,
    emoji: HashMap<(String, u32), Image>,
    faces: HashMap<(u64, u32), Option<Image>>,
}

/// How the toolkit lays out a text. Lengths in logical pixels.
#[derive(Clone, Copy)]
pub(crate) struct LineOf {
    pub(crate) style: Style,
    /// The width at which it wraps. `None`: it does not.
    pub(crate) width: Option<f32>,
    pub(crate) size: f32,
    pub(crate) height: f32,
    /// The size of an emoji.
    pub(crate) side: f32,
}

/// What a face shows.
#[derive(Clone, Copy)]
pub(crate) enum FaceOf<'a> {
    /// A mood or a chosen emoji.
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

    /// Sets the scale in screen pixels per logical pixel, and the theme. Returns true if images have to be painted
    /// again.
    pub(crate) fn set(&mut self, scale: f32, is_dark: bool) -> bool {
        let changes = self.scale.to_bits() != scale.to_bits() || self.is_dark != is_dark;
        self.scale = scale;
        self.is_dark = is_dark;
        changes
    }

    pub(crate) const fn scale(&self) -> f32 {
        self.scale
    }

    /// The colours of the current theme.
    pub(crate) const fn palette(&self) -> &'static Palette {
        if self.is_dark { &DARK } else { &LIGHT }
    }

    /// The colour with this number.
    pub(crate) fn person(&self, index: u8) -> Colour {
        Colour::of(self.palette().people.get(usize::from(index)).copied().unwrap_or(self.palette().t1))
    }

    /// Forgets all images.
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

    /// A name for the toolkit: as text, or as an image if it has emoji.
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

    /// The emoji of a text that the toolkit lays out, and their places.
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

    /// A text in which the matches are marked.
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

    /// The face of a person.
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

    /// A picture cut to a circle. `None` if it cannot be decoded within the limits.
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

    /// Lays out text. Lengths in logical pixels.
    pub(crate) fn lay(&mut self, spans: &[Span], width: Option<f32>, size: f32, line_height: f32) -> Laid {
        self.setter.lay(&Paragraph { spans, width, scale: self.scale, size, line_height })
    }

    /// Paints text of any height as images one below the other. Returns where each begins, in logical pixels.
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

    /// Paints text that was laid out.
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
