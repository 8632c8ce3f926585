//! The calls to objects, typed on both sides: what goes over is what these structures say.
//!
//! `entry/index.mjs` has the classes that the platform calls; each of their methods hands over to the Rust half of its
//! object by the same name.

mod dry;
mod idempotency;
mod instance;
mod pull;
mod run;
mod runs;
mod session;
mod stub;
mod sweep;
mod sync;

pub use dry::DryRun;
pub use idempotency::IdempotencyClient;
pub use instance::InstanceClient;
pub use pull::{
    Answer, AskedDeliveries, Delivering, Erased, FoundSnapshot, KeptModel, ModelFound, PullClient,
    StoredDocument,
};
pub use run::RunClient;
pub use runs::{RunChange, RunChanged, SeenRun};
pub use session::{Opening, SessionClient, Uploading};
pub use sweep::SweepClient;
pub use sync::SyncClient;
