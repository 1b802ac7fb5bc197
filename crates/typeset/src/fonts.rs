//! The bundled fonts, and the order in which they are searched for a character.

use std::sync::Arc;

use parley::fontique::{Blob, Collection, FamilyId, GenericFamily};

/// The font of the interface, in its weights.
pub const INTER: [&[u8]; 5] = [
    include_bytes!("../fonts/Inter-Regular.otf"),
    include_bytes!("../fonts/Inter-Medium.otf"),
    include_bytes!("../fonts/Inter-SemiBold.otf"),
    include_bytes!("../fonts/Inter-Bold.otf"),
    include_bytes!("../fonts/Inter-Italic.otf"),
];
/// The monospaced font for code, addresses and fingerprints.
pub const MONO: [&[u8]; 2] = [
    include_bytes!("../fonts/JetBrainsMonoNL-Regular.ttf"),
    include_bytes!("../fonts/JetBrainsMonoNL-Bold.ttf"),
];
/// The font with colour emoji.
pub const EMOJI: &[u8] = include_bytes!("../fonts/NotoColorEmoji.ttf");
/// Fonts for scripts that the others lack.
pub const OTHER_SCRIPTS: [&[u8]; 2] = [
    include_bytes!("../fonts/NotoSansHebrew-Regular.ttf"),
    include_bytes!("../fonts/NotoSansArabic-Regular.ttf"),
];

/// Registers the bundled fonts, and makes them the generic families, so that no system font comes before them. The
/// collection may belong to a toolkit.
pub fn install(collection: &mut Collection) {
    let mut register = |data: &'static [u8]| -> Vec<FamilyId> {
        let registered = collection.register_fonts(Blob::new(Arc::new(data)), None);
        registered.into_iter().map(|(family, _)| family).collect()
    };
    let mut sans: Vec<FamilyId> = INTER.iter().flat_map(|data| register(data)).collect();
    let mut mono: Vec<FamilyId> = MONO.iter().flat_map(|data| register(data)).collect();
    let others: Vec<FamilyId> = OTHER_SCRIPTS.iter().flat_map(|data| register(data)).collect();
    let emoji = register(EMOJI);
    sans.dedup();
    mono.dedup();
    let sans_chain: Vec<FamilyId> = sans.iter().chain(&others).chain(&emoji).copied().collect();
    for family in [
        GenericFamily::SansSerif,
        GenericFamily::SystemUi,
        GenericFamily::UiSansSerif,
        GenericFamily::Serif,
        GenericFamily::Cursive,
        GenericFamily::Fantasy,
    ] {
        collection.set_generic_families(family, sans_chain.iter().copied());
    }
    collection.set_generic_families(
        GenericFamily::Monospace,
        mono.iter().chain(&sans).chain(&others).chain(&emoji).copied(),
    );
    collection.set_generic_families(GenericFamily::Emoji, emoji.iter().copied());
}
