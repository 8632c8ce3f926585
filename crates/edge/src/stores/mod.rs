//! What spans pulls, or is read anywhere: KV, D1 and R2.

pub mod audit;
pub mod book;
pub mod d1;
pub mod deletion;
pub mod flows;
pub mod funnel;
pub mod instances;
pub mod invitations;
pub mod keys;
pub mod kv;
pub mod monitoring;
pub mod r2;
pub mod runs;
pub mod subscriptions;
pub mod tasks;
