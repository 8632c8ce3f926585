//! `canopy::directory` for the page: WebAssembly beside the page crate's, which those do without who choose no company here.

use wasm_bindgen::prelude::*;

/// The companies of a list.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Directory(canopy::directory::Directory);

#[wasm_bindgen]
impl Directory {
    /// Of companies, a line each: name, a tab, homepage. Texts are expected decomposed (NFD) and in small letters.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(list: &str) -> Self {
        let companies = list.lines().map(|line| line.split_once('\t').unwrap_or((line, "")));
        Self(canopy::directory::Directory::new(companies))
    }

    /// Positions in the list of the companies that `typed` finds, the best first, at most `most`.
    #[must_use]
    pub fn find(&self, typed: &str, most: usize) -> Vec<usize> {
        self.0.find(typed, most)
    }
}

/// Small above all.
#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
