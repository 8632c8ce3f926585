//! The functions that queries call: those of SQLite that D1 has and that give little for little.
//! `printf`, `zeroblob`, `randomblob` and the like make much of nothing, and others tell of the database itself.

/// In small letters and in order. Source: <https://sqlite.org/lang_corefunc.html> and the pages beside it.
#[rustfmt::skip]
pub const FUNCTIONS: &[&str] = &[
    "abs", "avg", "ceil", "ceiling", "char", "coalesce", "count", "cume_dist", "date", "datetime", "dense_rank", "first_value", "floor",
    "glob", "group_concat", "hex", "ifnull", "iif", "instr", "json", "json_array", "json_array_length", "json_extract", "json_group_array",
    "json_group_object", "json_object", "json_type", "json_valid", "julianday", "lag", "last_value", "lead", "length", "like", "lower",
    "ltrim", "max", "min", "mod", "nth_value", "ntile", "nullif", "percent_rank", "quote", "rank", "replace", "round", "row_number",
    "rtrim", "sign", "strftime", "substr", "substring", "sum", "time", "total", "trim", "typeof", "unicode", "unixepoch", "upper",
];
