//! A file that a consumer uploaded.

use serde::{Deserialize, Serialize};

/// Kind of these rows. One that goes takes the file's parts with it.
pub const FILE: &str = "file";

/// What is known of a file; its bytes lie in storage, in parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub file_id: String,
    /// Place among the files of its answer.
    pub number: usize,
    pub pull_id: String,
    pub answer_id: String,
    pub name: String,
    pub content_type: String,
    /// In bytes.
    pub size: usize,
}

/// A piece of a file on its way to storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub file_id: String,
    /// From 0, in the order of the bytes.
    pub number: u32,
    pub bytes: Vec<u8>,
}
