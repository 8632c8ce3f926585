//! What the sandbox keeps: the shape of each row, and what can be said of it alone.

mod delivery;
mod fault;
mod file;
mod monitoring;
mod pull;
mod servicing;
mod widget;

pub use delivery::{Attempt, Delivery, DeliveryState, Hook};
pub use fault::{DeliveryFaults, DocumentFaults, Fault, FaultStep, Switches, WebhookForm};
pub use file::{FILE, File, Part};
pub use monitoring::{Due, MIN_INTERVAL_DAYS, Monitoring, interval_days};
pub use pull::{MFA_OPTIONS, Pull, Step, verification};
pub use servicing::{Servicing, requested};
pub use widget::Widget;
