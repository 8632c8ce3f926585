//! How large a query may be. What D1 bounds itself is bounded here, too, so that it is told when a group is put.

/// Bytes of SQL as it is written.
pub const MAX_SQL: usize = 4_000;

/// Values that stand for ?1, ?2, …
pub const MAX_PARAMETERS: usize = 20;

/// Tables that are read in all, those of a WITH as often as it is read: rows of joined tables multiply.
pub const MAX_TABLES: usize = 6;

/// SELECTs inside each other.
pub const MAX_LEVELS: usize = 4;

/// Expressions inside each other. D1 takes 100 of its own count, which is never more than ours.
pub const MAX_EXPRESSIONS: usize = 60;

/// Columns of a result. D1 takes 100.
pub const MAX_COLUMNS: usize = 60;

/// SELECTs behind each other, by UNION and the like. D1 takes 5.
pub const MAX_COMPOUND: usize = 5;

/// Arguments of a function. D1 takes 32.
pub const MAX_ARGUMENTS: usize = 32;
