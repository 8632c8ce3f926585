//! What expressions may call, and how what it gives grows.

use std::sync::{Arc, LazyLock};

use base64::{Engine, prelude::BASE64_STANDARD};
use cel::{
    Env, ExecutionError, IdedExpr, Value,
    common::{
        ast::{Expr, LiteralValue, operators},
        types::{CelInt, CelString, DYN_TYPE},
        value::CowVal,
    },
    extensions,
};

use super::value;
use crate::{moment, wording};

/// How much heavier what a function gives may be than its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// A number, yes or no, or a short text.
    Small,
    /// One of its arguments.
    Heaviest,
    /// All its arguments so many times.
    Times(u64),
    /// Each of its arguments as often as another is long.
    Product,
}

/// A function. The language's own operators stand here, too.
struct Row(&'static str, Growth);

const TABLE: &[Row] = &[
    Row(operators::CONDITIONAL, Growth::Heaviest),
    Row(operators::LOGICAL_AND, Growth::Small),
    Row(operators::LOGICAL_OR, Growth::Small),
    Row(operators::LOGICAL_NOT, Growth::Small),
    Row(operators::NOT_STRICTLY_FALSE, Growth::Small),
    Row(operators::ADD, Growth::Times(1)),
    Row(operators::SUBSTRACT, Growth::Small),
    Row(operators::MULTIPLY, Growth::Small),
    Row(operators::DIVIDE, Growth::Small),
    Row(operators::MODULO, Growth::Small),
    Row(operators::NEGATE, Growth::Small),
    Row(operators::EQUALS, Growth::Small),
    Row(operators::NOT_EQUALS, Growth::Small),
    Row(operators::GREATER, Growth::Small),
    Row(operators::GREATER_EQUALS, Growth::Small),
    Row(operators::LESS, Growth::Small),
    Row(operators::LESS_EQUALS, Growth::Small),
    Row(operators::IN, Growth::Small),
    Row(operators::INDEX, Growth::Heaviest),
    Row(operators::OPT_INDEX, Growth::Heaviest),
    Row(operators::OPT_SELECT, Growth::Heaviest),
    Row("orValue", Growth::Heaviest),
    Row("or", Growth::Heaviest),
    Row("value", Growth::Heaviest),
    Row("hasValue", Growth::Small),
    Row("size", Growth::Small),
    Row("int", Growth::Small),
    Row("double", Growth::Small),
    Row("bool", Growth::Small),
    Row("string", Growth::Times(2)),
    Row("contains", Growth::Product),
    Row("startsWith", Growth::Small),
    Row("endsWith", Growth::Small),
    Row("indexOf", Growth::Product),
    Row("lastIndexOf", Growth::Product),
    Row("charAt", Growth::Small),
    Row("substring", Growth::Times(1)),
    Row("trim", Growth::Times(1)),
    Row("lowerAscii", Growth::Times(1)),
    Row("upperAscii", Growth::Times(1)),
    Row("replace", Growth::Product),
    // An empty separator makes a value of each character.
    Row("split", Growth::Times(17)),
    Row("join", Growth::Product),
    Row("json", Growth::Times(6)),
    Row("base64", Growth::Times(2)),
    Row("html", Growth::Times(6)),
    Row("url", Growth::Times(3)),
    Row("money", Growth::Times(4)),
    Row("formatTime", Growth::Times(32)),
    Row("addTime", Growth::Times(4)),
    Row("daysBetween", Growth::Small),
];

/// Of those that are called on a value alone: `a.join(b)`.
const MEMBERS: &[&str] = &[
    "orValue",
    "or",
    "value",
    "hasValue",
    "contains",
    "startsWith",
    "endsWith",
    "indexOf",
    "lastIndexOf",
    "charAt",
    "substring",
    "trim",
    "lowerAscii",
    "upperAscii",
    "replace",
    "split",
    "join",
];

/// Whether there is such a function, called on a value or not.
pub fn is_known(name: &str, is_member: bool) -> bool {
    let is_called_so = name == "size" || MEMBERS.contains(&name) == is_member;
    is_called_so && TABLE.iter().any(|Row(known, _)| *known == name)
}

/// How what it gives grows.
pub fn growth(name: &str) -> Growth {
    TABLE.iter().find(|Row(known, _)| *known == name).map_or(Growth::Product, |Row(_, growth)| *growth)
}

/// Whether it takes a member or an element out of a value.
pub fn is_selection(name: &str) -> bool {
    matches!(name, operators::INDEX | operators::OPT_INDEX | operators::OPT_SELECT)
}

/// The text that a part of an expression is.
pub fn literal_text(part: &IdedExpr) -> Option<&str> {
    match &part.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

/// What expressions are compiled for and evaluated in.
pub fn environment() -> Arc<Env> {
    static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
        let mut env = Env::stdlib();
        extensions::strings(&mut env).expect("the extension is added once");
        own(&mut env);
        Arc::new(env)
    });
    Arc::clone(&ENVIRONMENT)
}

/// Adds ours.
fn own(env: &mut Env) {
    const ONCE: &str = "each is added once";
    env.add_overload("json", "json_any", vec![DYN_TYPE], json).expect(ONCE);
    cel::add_overload!(env, fn base64: (CelString) -> CelString).expect(ONCE);
    cel::add_overload!(env, fn html: (CelString) -> CelString).expect(ONCE);
    cel::add_overload!(env, fn url: (CelString) -> CelString).expect(ONCE);
    cel::add_overload!(env, fn money: (CelInt) -> CelString).expect(ONCE);
    cel::add_overload!(env, fn format_time: (CelString, CelString, CelString) -> Result<CelString>)
        .expect(ONCE);
    cel::add_overload!(env, fn add_time: (CelString, CelString) -> Result<CelString>).expect(ONCE);
    cel::add_overload!(env, fn days_between: (CelString, CelString) -> Result<CelInt>).expect(ONCE);
}

fn json<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let value = arguments.first().ok_or_else(ExecutionError::missing_argument_or_target)?;
    let json = value::to_json(&Value::try_from(value.as_ref())?);
    let json = json.ok_or_else(|| ExecutionError::function_error("json", "no form"))?;
    Ok(CowVal::owned(CelString::from(json.to_string())))
}

fn base64(text: &CelString<'_>) -> CelString<'static> {
    BASE64_STANDARD.encode(text.inner()).into()
}

fn html(text: &CelString<'_>) -> CelString<'static> {
    wording::escape_html(text.inner()).into()
}

fn url(text: &CelString<'_>) -> CelString<'static> {
    wording::encode_url(text.inner()).into()
}

fn money(cents: &CelInt) -> CelString<'static> {
    wording::dollars(*cents.inner()).into()
}

fn format_time(
    time: &CelString<'_>,
    zone: &CelString<'_>,
    pattern: &CelString<'_>,
) -> Result<CelString<'static>, ExecutionError> {
    let text = moment::format(time.inner(), zone.inner(), pattern.inner());
    text.map(CelString::from).map_err(|error| ExecutionError::function_error("formatTime", error))
}

fn add_time(time: &CelString<'_>, span: &CelString<'_>) -> Result<CelString<'static>, ExecutionError> {
    let text = moment::add(time.inner(), span.inner());
    text.map(CelString::from).map_err(|error| ExecutionError::function_error("addTime", error))
}

fn days_between(from: &CelString<'_>, to: &CelString<'_>) -> Result<CelInt, ExecutionError> {
    let days = moment::days_between(from.inner(), to.inner());
    days.map(CelInt::from).map_err(|error| ExecutionError::function_error("daysBetween", error))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use crate::expression::{Expression, Scope};

    #[test]
    fn each_does_what_it_says() {
        for (source, gives) in [
            ("json({'b': [1, null], 'a': 'x'})", json!(r#"{"a":"x","b":[1,null]}"#)),
            ("base64('a:b')", json!("YTpi")),
            ("html('<b> & \"c\"')", json!("&lt;b&gt; &amp; &quot;c&quot;")),
            ("url('a b/ü')", json!("a%20b%2F%C3%BC")),
            ("money(123456)", json!("$1,234.56")),
            ("money(-5)", json!("-$0.05")),
            (
                "formatTime('2026-01-31T23:30:00.000Z', 'America/New_York', '%B %-d, %Y %-I:%M %p')",
                json!("January 31, 2026 6:30 PM"),
            ),
            ("formatTime('2026-01-31', 'America/New_York', '%m/%d/%Y')", json!("01/31/2026")),
            ("addTime('2026-01-31T00:00:00.000Z', 'P1DT2H')", json!("2026-02-01T02:00:00.000Z")),
            ("daysBetween('2026-01-31', '2026-02-03T05:00:00Z')", json!(3)),
        ] {
            let given = Expression::compile(source).unwrap().evaluate(&Scope::default());
            assert_eq!(given, Ok(gives), "{source}");
        }
        for source in [
            "formatTime('soon', 'UTC', '%Y')",
            "addTime('2026-01-31T00:00:00Z', 'P1Y')",
            "formatTime('2026-01-31', 'Mars', '%Y')",
        ] {
            assert!(Expression::compile(source).unwrap().evaluate(&Scope::default()).is_err(), "{source}");
        }
    }

    /// Each function of the table is called once: none stands there that there is not.
    #[test]
    fn the_table_and_the_language_agree() {
        let scope = json!({ "l": ["b", "a"], "o": { "a": 1 } });
        for source in [
            "true ? 1 : 2",
            "true && (false || !true)",
            "1 + 2 - 3 * 4 / 5 % 6",
            "-size(v.l)",
            "1 == 1 && 1 != 2 && 1 < 2 && 1 <= 2 && 2 > 1 && 2 >= 1",
            "'a' in v.l",
            "v.l[0]",
            "v.?o.?a.or(optional_none(v)).orValue(1)",
            "v.?o.hasValue() ? v.?o.value() : 1",
            "v.l[?9].orValue('')",
            "int('1') + int(1.5)",
            "double(1)",
            "bool('true')",
            "string(1)",
            "'ab'.contains('b')",
            "'ab'.startsWith('a') && 'ab'.endsWith('b')",
            "'ab'.indexOf('b') + 'ab'.lastIndexOf('a')",
            "'ab'.charAt(1)",
            "'ab'.substring(1)",
            "' a '.trim().upperAscii().lowerAscii()",
            "'ab'.replace('a', 'b')",
            "'a,b'.split(',')",
            "v.l.join()",
            "'ab'.size()",
        ] {
            let source = source.replace("optional_none(v)", "v.?none");
            let given = Expression::compile(&source).unwrap().evaluate(&Scope::default().with("v", &scope));
            assert!(given.as_ref().is_ok_and(|given| *given != Json::Null), "{source}: {given:?}");
        }
    }
}
