//! The calls to objects, typed on both sides: what goes over is what these structures say.
//!
//! `entry/index.mjs` has the classes that the platform calls; each of their methods hands over to the Rust half of its
//! object by the same name.

mod idempotency;
mod pull;
mod session;
mod stub;
mod sweep;
mod sync;

pub use idempotency::IdempotencyClient;
pub use pull::{
    Answer, AskedDeliveries, Delivering, Erased, FoundSnapshot, KeptModel, ModelFound, PullClient, RunChange,
    RunChanged, SeenRun, StoredDocument,
};
pub use session::{Opening, SessionClient};
pub use sweep::SweepClient;
pub use sync::SyncClient;
