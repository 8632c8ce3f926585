//! The Durable Object of one idempotency key: the call that it stands for is made here, once, and its answer kept a day. Where
//! that is lost, it is looked for what became of the call.

mod kept;
mod look;
mod object;
