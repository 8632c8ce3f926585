//! A test: no module of this repository uses one that uses it, through however many others.
//!
//! A module is a file, or what stands in braces. It uses another by an import or a path, in a macro's arguments too,
//! and where a type calls a method on itself that an `impl` in the other defines. Tests may use what they like.

mod crates;
mod graph;
mod javascript;
mod names;
mod rust;
