//! A test: no module of this repository imports one that imports it, through however many others.

mod crates;
mod graph;
mod javascript;
mod names;
mod rust;
