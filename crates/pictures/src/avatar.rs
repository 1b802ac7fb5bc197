//! Pictures of people: made small and clean before sending, decoded under strict limits on arrival.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Cursor;

use image::codecs::webp::WebPEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits, RgbaImage};
use shepot_typeset::Picture;

/// The largest side of a picture that is sent, in pixels.
const SIDE: u32 = 128;

/// The sides that are tried until the picture is small enough.
const SIDES: [u32; 4] = [SIDE, 112, 96, 64];

/// The largest side of a picture that a person may choose, in pixels.
const MOST_CHOSEN_SIDE: u32 = 16_384;

/// The most bytes of memory for decoding a chosen picture.
const MOST_CHOSEN_BYTES: u64 = 256 * 1024 * 1024;

/// The largest side of a received picture, in pixels.
const MOST_RECEIVED_SIDE: u32 = 512;

/// The most bytes of memory for decoding a received picture.
const MOST_RECEIVED_BYTES: u64 = 4 * 1024 * 1024;

/// The picture cannot be used: it is not one, too large, or damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a picture that can be used")]
pub struct NotAPicture;

/// Makes a picture small enough to send: its middle square, upright, without the camera's metadata.
///
/// # Errors
///
/// [`NotAPicture`], also if it is larger than `most_bytes` at every size that is tried.
pub fn prepare(bytes: &[u8], most_bytes: usize) -> Result<Vec<u8>, NotAPicture> {
    let picture = decode(bytes, MOST_CHOSEN_SIDE, MOST_CHOSEN_BYTES).ok_or(NotAPicture)?;
    for side in SIDES {
        let small = middle_square(&picture).resize_exact(side, side, FilterType::Lanczos3).to_rgba8();
        let encoded = encode(&small).ok_or(NotAPicture)?;
        if encoded.len() <= most_bytes {
            return Ok(encoded);
        }
    }
    Err(NotAPicture)
}

/// An emoji as a picture to send. `None` if it does not fit into `most_bytes`.
#[must_use]
pub fn of_emoji(picture: &Picture, most_bytes: usize) -> Option<Vec<u8>> {
    let mut pixels = picture.pixels.clone();
    let (all, _) = pixels.as_chunks_mut::<4>();
    for [red, green, blue, alpha] in all {
        // Files hold colours that are not multiplied with alpha.
        for channel in [red, green, blue] {
            let value = u32::from(*channel) * 255 / u32::from(*alpha).max(1);
            *channel = u8::try_from(value).unwrap_or(u8::MAX);
        }
    }
    let emoji = RgbaImage::from_raw(picture.width, picture.height, pixels)?;
    let mut disc = RgbaImage::new(SIDE, SIDE);
    let margin = i64::from(SIDE.saturating_sub(picture.width) / 2);
    image::imageops::overlay(&mut disc, &emoji, margin, margin);
    encode(&disc).filter(|encoded| encoded.len() <= most_bytes)
}

/// A received picture, cut to a circle. `None` if it cannot be decoded within the limits.
#[must_use]
pub fn round(bytes: &[u8], side: u32) -> Option<Picture> {
    let picture = decode(bytes, MOST_RECEIVED_SIDE, MOST_RECEIVED_BYTES)?;
    let mut small = middle_square(&picture).resize_exact(side, side, FilterType::CatmullRom).to_rgba8();
    let middle = f64::from(side) / 2.0;
    for (x, y, pixel) in small.enumerate_pixels_mut() {
        let distance = (f64::from(x) + 0.5 - middle).hypot(f64::from(y) + 0.5 - middle);
        let edge = (middle - distance + 0.5).clamp(0.0, 1.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
        let alpha = (f64::from(pixel.0[3]) * edge) as u8;
        let [red, green, blue, _] = pixel.0;
        let part = |value: u8| u8::try_from(u32::from(value) * u32::from(alpha) / 255).unwrap_or(u8::MAX);
        pixel.0 = [part(red), part(green), part(blue), alpha];
    }
    Some(Picture { width: side, height: side, pixels: small.into_raw() })
}

/// The middle square, cut out before scaling: a line of pixels would otherwise become a huge picture first.
fn middle_square(picture: &DynamicImage) -> DynamicImage {
    let side = picture.width().min(picture.height());
    picture.crop_imm((picture.width() - side) / 2, (picture.height() - side) / 2, side, side)
}

/// A hash that distinguishes pictures.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

fn decode(bytes: &[u8], most_side: u32, most_bytes: u64) -> Option<DynamicImage> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(most_side);
    limits.max_image_height = Some(most_side);
    limits.max_alloc = Some(most_bytes);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let orientation = decoder.orientation().ok()?;
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    Some(picture)
}

fn encode(picture: &RgbaImage) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let encoder = WebPEncoder::new_lossless(&mut out);
    encoder
        .encode(picture.as_raw(), picture.width(), picture.height(), image::ExtendedColorType::Rgba8)
        .ok()
        .map(|()| out)
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, Rgba};

    use super::*;

    /// As much as is sent.
    const AVATAR_BYTES: usize = 32 * 1024;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let noise = RgbaImage::from_fn(width, height, |x, y| {
            let value = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).to_le_bytes();
            Rgba([value[0], value[1], value[2], 255])
        });
        let mut out = Cursor::new(Vec::new());
        noise.write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    #[test]
    fn any_picture_becomes_small_enough_to_send() {
        for (width, height) in [(1, 1), (40, 900), (1_600, 1_200)] {
            let sent = prepare(&png(width, height), AVATAR_BYTES).unwrap();
            assert!(
                sent.len() <= AVATAR_BYTES && sent.starts_with(b"RIFF"),
                "{width}x{height}: {}",
                sent.len()
            );
            assert!(round(&sent, 36).is_some());
        }
        assert_eq!(prepare(b"not a picture", AVATAR_BYTES), Err(NotAPicture));
    }

    #[test]
    fn a_line_of_pixels_is_cut_before_it_is_scaled() {
        // Scaled to fill a square first, this would be a picture of 128 x 2,097,152 pixels.
        for (width, height) in [(1, 16_384), (16_384, 1)] {
            let sent = prepare(&png(width, height), AVATAR_BYTES).unwrap();
            let picture = image::load_from_memory(&sent).unwrap();
            assert_eq!((picture.width(), picture.height()), (SIDE, SIDE));
        }
        for (width, height) in [(1, 512), (512, 1)] {
            assert_eq!(round(&png(width, height), 40).unwrap().pixels.len(), 40 * 40 * 4);
        }
    }

    #[test]
    fn the_middle_of_a_picture_is_seen_and_nothing_beside_it() {
        let (middle, beside) = (Rgba([0, 200, 0, 255]), Rgba([200, 0, 0, 255]));
        for (width, height) in [(300, 100), (100, 300)] {
            let is_middle =
                |x, y| if width > height { (100..200).contains(&x) } else { (100..200).contains(&y) };
            let drawn =
                RgbaImage::from_fn(width, height, |x, y| if is_middle(x, y) { middle } else { beside });
            let mut file = Cursor::new(Vec::new());
            drawn.write_to(&mut file, ImageFormat::Png).unwrap();
            let file = file.into_inner();
            let sent = image::load_from_memory(&prepare(&file, AVATAR_BYTES).unwrap()).unwrap().to_rgba8();
            assert!(sent.pixels().all(|pixel| *pixel == middle), "{width}x{height}");
            let shown = round(&file, 40).unwrap();
            assert!(shown.pixels.chunks(4).all(|pixel| pixel[0] == 0), "{width}x{height}");
        }
    }

    #[test]
    fn what_the_camera_wrote_does_not_leave() {
        let mut jpeg = Cursor::new(Vec::new());
        DynamicImage::from(RgbaImage::new(32, 32)).to_rgb8().write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
        let jpeg = jpeg.into_inner();
        let mut tagged = jpeg[..2].to_vec();
        let exif = b"Exif\0\0II*\0\x08\0\0\0\0\0GPS-MARKER-77";
        tagged.extend([0xFF, 0xE1]);
        tagged.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
        tagged.extend(exif);
        tagged.extend(&jpeg[2..]);
        assert!(image::load_from_memory(&tagged).is_ok(), "control: it is a picture");
        let sent = prepare(&tagged, AVATAR_BYTES).unwrap();
        assert!(!sent.windows(10).any(|window| window == b"GPS-MARKER"));
    }

    #[test]
    fn pictures_of_others_keep_to_their_limits() {
        assert!(round(&png(512, 512), 36).is_some());
        assert!(round(&png(513, 20), 36).is_none(), "too wide");
        let picture = round(&png(100, 100), 40).unwrap();
        assert_eq!(picture.pixels[3], 0, "corners are not seen");
        assert_eq!(picture.pixels[(20 * 40 + 20) * 4 + 3], 255);
    }
}
