//! AES-256-GCM at rest for snapshots, documents and event bodies, when the operator sets a key.
//!
//! A sealed value is `0, "CE", 1, key id length, key id, nonce (12), ciphertext with tag (16)`; all before the nonce is
//! authenticated with the place that it is for. The key id tells which key opens it, so keys can be rotated: the first
//! of `EDGE_SNAPSHOT_KEY` seals, all of them open. Without a key, bytes are kept as they came, and a flag beside them
//! says so: [`Keys::read`] holds the flag to the bytes, so that changing it gives nothing away. Values of the first form
//! have no `0, "CE", 1`, and authenticate the place alone. Source: design, "Custody".

mod in_use;
mod keys;
mod rotation;
pub mod stream;
mod warning;

pub use in_use::{InUse, KeyLine};
pub use keys::{InvalidKeys, Keys, NONCE_BYTES, OpenError, key_id};
pub use rotation::Left;
pub use warning::Warning;
