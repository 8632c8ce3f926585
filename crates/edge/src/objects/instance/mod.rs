//! The Durable Object of one instance of a workflow group: its schedule, and its runs that are about no pull.

mod home;
mod object;
mod schedule;
