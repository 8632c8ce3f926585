//! What goes to the agency's own endpoints: to whom, signed how, in which form, and what becomes of each attempt.
//! Source: design, "Downstream"; Standard Webhooks, "Specification".

mod announced;
mod attempt;
mod destination;
mod event_type;
mod message;
mod query;
mod replay;
mod secret;
mod subscription;
#[cfg(test)]
mod tests;

pub use announced::Announced;
pub use attempt::{Delivery, MAX_ANSWER_BYTES, Standing, TIMEOUT_MILLIS, Tried, Verdict};
pub use destination::Destination;
pub use event_type::{Types, type_of};
pub use message::{Form, Headline, Message, sample, sample_type};
pub use query::{DeliveryCursor, DeliveryQuery, SubscriptionCursor, SubscriptionQuery};
pub use replay::{Edge, Replay};
pub use secret::{MAX_SECRETS, SigningSecret, signature};
pub use subscription::{Change, MAX_SUBSCRIPTIONS, NewSubscription, Settings, Subscription};
