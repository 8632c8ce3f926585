//! The export of one pull: what a consumer is given who asks for their data.

mod archive;
mod names;
mod readme;
mod trouble;

pub use archive::Archive;
pub use names::Names;
pub use readme::Readme;
pub use trouble::{Trouble, Troubles};
