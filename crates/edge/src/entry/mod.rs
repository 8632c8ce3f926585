//! Where requests come in: `index.mjs` hands them to the router, and to the webhook's own way.

pub mod access_log;
pub mod answer;
mod hourly;
mod router;
mod webhook;
mod winding;
