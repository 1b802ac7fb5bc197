//! Searches the memory of another process for what must not be there. Linux only, and only as root, since the programs
//! forbid it to everybody else.
#![allow(unsafe_code, reason = "signals are sent by a foreign function")]

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

/// A word that occurs nowhere else, to search for: 24 hexadecimal digits of a linear congruential sequence. The same
/// number gives the same word.
#[must_use]
pub fn marker(which: usize) -> String {
    let seed = 0x9E37_79B9_7F4A_7C15_u128 ^ (which as u128) << 64;
    let mixed = (0..5).fold(seed, |x, _| {
        (x ^ x >> 61)
            .wrapping_mul(0xDA94_2042_E4DD_58B5_DA94_2042_E4DD_58B5)
            .wrapping_add(0x1405_7B7E_F767_814F)
    });
    format!("{:024x}", mixed >> 32)
}

/// Finds markers in every readable mapping of a process, in UTF-8, UTF-16, UTF-32 and base64 of every alignment. Stops
/// the process only while its memory is copied, since its peers would otherwise give it up. Returns the markers that
/// were found, and the number of bytes searched.
///
/// # Errors
///
/// If the system does not let this process look.
pub fn find(process: u32, markers: &[String]) -> io::Result<(Vec<String>, u64)> {
    let stopped = Stopped::stop(process)?;
    let memory = copy(process);
    drop(stopped);
    let memory = memory?;
    let patterns: Vec<(usize, Vec<u8>)> = markers
        .iter()
        .enumerate()
        .flat_map(|(at, marker)| encodings(marker).into_iter().map(move |bytes| (at, bytes)))
        .collect();
    let index = Index::new(&patterns);
    let mut found = vec![false; markers.len()];
    for mapping in &memory {
        index.search(mapping, &mut found);
    }
    let looked_at = memory.iter().map(|mapping| mapping.len() as u64).sum();
    let hits = markers.iter().zip(found).filter(|(_, hit)| *hit).map(|(marker, _)| marker.clone());
    Ok((hits.collect(), looked_at))
}

/// Whether these bytes occur in the readable memory of a process.
///
/// # Errors
///
/// If the system does not let this process look.
pub fn holds(process: u32, bytes: &[u8]) -> io::Result<bool> {
    let stopped = Stopped::stop(process)?;
    let memory = copy(process);
    drop(stopped);
    Ok(memory?.iter().any(|mapping| mapping.windows(bytes.len()).any(|window| window == bytes)))
}

/// The content of each readable mapping.
fn copy(process: u32) -> io::Result<Vec<Vec<u8>>> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps"))?;
    let mut memory = File::open(format!("/proc/{process}/mem"))?;
    let mut mappings = Vec::new();
    for (start, end) in maps.lines().filter_map(readable) {
        memory.seek(SeekFrom::Start(start))?;
        let mut mapping = Vec::new();
        // A mapping whose pages are not there (a guard, a device) reads as an error: there is nothing more in it.
        let _ = memory.by_ref().take(end - start).read_to_end(&mut mapping);
        mappings.push(mapping);
    }
    Ok(mappings)
}

fn readable(line: &str) -> Option<(u64, u64)> {
    let mut fields = line.split_whitespace();
    let (start, end) = fields.next()?.split_once('-')?;
    let permissions = fields.next()?;
    if !permissions.starts_with('r') || line.contains("[vvar") || line.contains("[vsyscall]") {
        return None;
    }
    Some((u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?))
}

/// Patterns by their first four bytes.
struct Index<'a> {
    by_start: std::collections::HashMap<[u8; 4], Vec<(usize, &'a [u8])>>,
    first: [bool; 256],
}

impl<'a> Index<'a> {
    fn new(patterns: &'a [(usize, Vec<u8>)]) -> Self {
        let mut index = Self { by_start: std::collections::HashMap::new(), first: [false; 256] };
        for (marker, bytes) in patterns {
            let start: [u8; 4] = bytes[..4].try_into().expect("four bytes");
            index.first[usize::from(start[0])] = true;
            index.by_start.entry(start).or_default().push((*marker, bytes));
        }
        index
    }

    fn search(&self, memory: &[u8], found: &mut [bool]) {
        for at in 0..memory.len().saturating_sub(3) {
            if !self.first[usize::from(memory[at])] {
                continue;
            }
            let start: [u8; 4] = memory[at..at + 4].try_into().expect("four bytes");
            for (marker, bytes) in self.by_start.get(&start).into_iter().flatten() {
                if memory[at..].starts_with(bytes) {
                    found[*marker] = true;
                }
            }
        }
    }
}

fn encodings(marker: &str) -> Vec<Vec<u8>> {
    assert!(marker.len() >= 8, "a marker of {} bytes proves nothing", marker.len());
    let utf16 = marker.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf32 = marker.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let mut all = vec![marker.as_bytes().to_vec(), utf16, utf32];
    all.extend((0..3).map(|shift| base64_inside(marker.as_bytes(), shift)));
    all
}

/// The part of a text's base64 form that does not depend on the text around it, if it begins at this offset.
fn base64_inside(text: &[u8], shift: usize) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let whole = &text[(3 - shift) % 3..];
    whole
        .chunks_exact(3)
        .flat_map(|three| {
            let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
            [18, 12, 6, 0].map(|at| ALPHABET[(bits >> at & 63) as usize])
        })
        .collect()
}

/// A stopped process. It continues when this is dropped.
struct Stopped(libc::pid_t);

impl Stopped {
    fn stop(process: u32) -> io::Result<Self> {
        let id = libc::pid_t::try_from(process).map_err(io::Error::other)?;
        send(id, libc::SIGSTOP)?;
        let stopped = Self(id);
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while !std::fs::read_to_string(format!("/proc/{process}/status"))?.contains("State:\tT") {
            assert!(std::time::Instant::now() < deadline, "the process does not stop");
            std::thread::yield_now();
        }
        Ok(stopped)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        // Gone already: it needs no signal.
        let _ = send(self.0, libc::SIGCONT);
    }
}

/// Kills a process and all others of its group.
pub(crate) fn kill_group(leader: u32) {
    if let Ok(id) = libc::pid_t::try_from(leader) {
        // Gone already: nothing to end.
        let _ = send(-id, libc::SIGKILL);
    }
}

fn send(process: libc::pid_t, signal: libc::c_int) -> io::Result<()> {
    // SAFETY: takes numbers only.
    if unsafe { libc::kill(process, signal) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_of_a_marker_is_found() {
        let marker = "marker-7f3a9c21e5d0".to_owned();
        let utf16: Vec<u8> = marker.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let base64 = b"bWFya2VyLTdmM2E5YzIxZTVkMA==".to_vec();
        for bytes in [marker.as_bytes().to_vec(), utf16, base64] {
            let patterns: Vec<_> = encodings(&marker).into_iter().map(|bytes| (0, bytes)).collect();
            let mut found = [false];
            Index::new(&patterns).search(&[&b"..."[..], &bytes, b"..."].concat(), &mut found);
            assert!(found[0]);
            let mut found = [false];
            Index::new(&patterns).search(&bytes[..8], &mut found);
            assert!(!found[0], "a part is not a marker");
        }
    }
}
