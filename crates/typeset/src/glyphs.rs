//! A cache of glyph images, dropped as a whole when it is full.

use std::collections::HashMap;
use std::rc::Rc;

use swash::FontRef;
use swash::scale::image::Content;
use swash::scale::{Render, ScaleContext, Source, StrikeWith};
use swash::zeno::{Format, Vector};

/// The most images in the cache.
const MOST_PICTURES: usize = 4_096;
/// The most bytes of all images together.
const MOST_BYTES: usize = 6 * 1024 * 1024;
/// The number of horizontal positions within a pixel that are distinguished.
const SUBPIXELS: f32 = 4.0;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    font: u64,
    index: u32,
    glyph: u16,
    size: u32,
    subpixel: u8,
}

/// A glyph as pixels.
pub(crate) struct GlyphPicture {
    pub(crate) left: i32,
    pub(crate) top: i32,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Four bytes a pixel if it has its own colours, else one.
    pub(crate) is_coloured: bool,
    pub(crate) data: Vec<u8>,
}

/// The glyph to paint, with its font, size and position.
pub(crate) struct Wanted<'a> {
    pub(crate) font: &'a parley::FontData,
    pub(crate) coordinates: &'a [i16],
    pub(crate) size: f32,
    pub(crate) glyph: u16,
    pub(crate) x: f32,
}

#[derive(Default)]
pub(crate) struct Glyphs {
    scaling: ScaleContext,
    pictures: HashMap<Key, Option<Rc<GlyphPicture>>>,
    bytes: usize,
}

impl Glyphs {
    /// The image of a glyph. `None` if its font has none.
    pub(crate) fn picture(&mut self, wanted: &Wanted<'_>) -> Option<Rc<GlyphPicture>> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 3")]
        let subpixel = ((wanted.x - wanted.x.floor()) * SUBPIXELS).floor() as u8;
        let key = Key {
            font: wanted.font.data.id(),
            index: wanted.font.index,
            glyph: wanted.glyph,
            size: wanted.size.to_bits(),
            subpixel,
        };
        if let Some(picture) = self.pictures.get(&key) {
            return picture.clone();
        }
        if self.pictures.len() >= MOST_PICTURES || self.bytes >= MOST_BYTES {
            self.pictures.clear();
            self.bytes = 0;
        }
        let picture = self.paint(wanted, f32::from(subpixel) / SUBPIXELS).map(Rc::new);
        self.bytes += picture.as_ref().map_or(0, |picture| picture.data.len());
        self.pictures.insert(key, picture.clone());
        picture
    }

    fn paint(&mut self, wanted: &Wanted<'_>, shift: f32) -> Option<GlyphPicture> {
        let font = FontRef::from_index(wanted.font.data.as_ref(), usize::try_from(wanted.font.index).ok()?)?;
        let mut scaler = self
            .scaling
            .builder(font)
            .size(wanted.size)
            .hint(true)
            .normalized_coords(wanted.coordinates.iter().copied())
            .build();
        let sources = [Source::ColorOutline(0), Source::ColorBitmap(StrikeWith::BestFit), Source::Outline];
        let image = Render::new(&sources)
            .format(Format::Alpha)
            .offset(Vector::new(shift, 0.0))
            .render(&mut scaler, wanted.glyph)?;
        let is_coloured = match image.content {
            Content::Color => true,
            Content::Mask | Content::SubpixelMask => false,
        };
        Some(GlyphPicture {
            left: image.placement.left,
            top: image.placement.top,
            width: image.placement.width,
            height: image.placement.height,
            is_coloured,
            data: image.data,
        })
    }
}
