//! How much there may be.

/// Bytes of a definition.
pub const MAX_DEFINITION: usize = 256 * 1024;

/// Flows of a group.
pub const MAX_FLOWS: usize = 20;

/// Steps of a flow, those within others counted.
pub const MAX_STEPS: usize = 60;

/// Steps inside each other.
pub const MAX_DEPTH: usize = 4;

/// Declared values of a group.
pub const MAX_CONFIG: usize = 50;

/// Steps that one run makes, those of each round of a loop counted.
pub const MAX_STEPS_OF_RUN: usize = 500;

/// Rounds of a loop.
pub const MAX_ROUNDS: i64 = 100;

/// Bytes of what a step gives.
pub const MAX_RESULT: usize = 256 * 1024;

/// Values inside each other, of what a step is given or gives: what is kept can be read again.
pub const MAX_DEPTH_OF_VALUE: usize = 64;

/// Bytes of what a step is given: with what it gives it has room in a row of 2 MB.
pub const MAX_INPUT: usize = 1_500_000;

/// Bytes of all that a run's steps were given and gave.
pub const MAX_JOURNAL: usize = 4 * 1024 * 1024;

/// How long a run may take, in milliseconds: 400 days.
pub const MAX_RUN_MILLIS: u64 = 400 * 24 * 60 * 60 * 1_000;

/// How long a run may take where nothing is said, in milliseconds: 90 days.
pub const RUN_MILLIS: u64 = 90 * 24 * 60 * 60 * 1_000;

/// How long a service may take to answer, in milliseconds.
pub const MAX_CALL_MILLIS: u64 = 60_000;

/// How long a service may take where nothing is said, in milliseconds.
pub const CALL_MILLIS: u64 = 30_000;

/// Attempts of a call.
pub const MAX_ATTEMPTS: i64 = 20;

/// Attempts of a call where nothing is said.
pub const ATTEMPTS: i64 = 8;

/// Rows that a query gives.
pub const MAX_ROWS: i64 = 1_000;

/// How many runs may come of each other, by what one writes into the log.
pub const MAX_GENERATIONS: u8 = 5;
