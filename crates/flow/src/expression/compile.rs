//! From a text to an expression that may be evaluated.

use std::collections::BTreeSet;

use cel::{
    IdedExpr, Program,
    common::ast::{EntryExpr, Expr},
};

use super::functions;

/// Longest source, in bytes.
pub const MAX_LENGTH: usize = 1_000;

/// Deepest nesting of parentheses, brackets and braces.
pub const MAX_NESTING: usize = 24;

/// Most signs: points, operators, commas, parentheses. What is parsed from them is as deep as there are of them, at most.
pub const MAX_SIGNS: usize = 200;

/// Deepest nesting of loops (`map`, `filter`, `all`, `exists`, `exists_one`).
const MAX_LOOPS: usize = 3;

/// An expression that was compiled.
#[derive(Debug)]
pub struct Expression {
    source: String,
    pub(super) program: Program,
    references: BTreeSet<Vec<String>>,
}

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// There is too much of it.
    #[error("expected an expression of 1 to {MAX_LENGTH} bytes")]
    Length,
    /// There is too much in it.
    #[error("expected at most {MAX_NESTING} parentheses, brackets and braces inside each other")]
    Nesting,
    /// There is too much of it.
    #[error("expected at most {MAX_SIGNS} points, operators, commas and parentheses")]
    Signs,
    /// Loops in loops take ever more time.
    #[error("expected at most {MAX_LOOPS} loops inside each other")]
    Loops,
    /// It is not of the language.
    #[error("expected an expression of the Common Expression Language: {0}")]
    Syntax(String),
    /// It calls what there is not.
    #[error("expected a function that there is, got {0}")]
    Function(String),
}

impl Expression {
    /// Compiles a source.
    ///
    /// # Errors
    /// Where it is out of bounds, not of the language, or calls a function that there is not.
    pub fn compile(source: &str) -> Result<Self, ExpressionError> {
        if !(1..=MAX_LENGTH).contains(&source.len()) {
            return Err(ExpressionError::Length);
        }
        let Extent { nesting, signs } = Extent::of(source);
        if nesting > MAX_NESTING {
            return Err(ExpressionError::Nesting);
        }
        if signs > MAX_SIGNS {
            return Err(ExpressionError::Signs);
        }
        let program = functions::environment().compile(source);
        let program = program.map_err(|errors| ExpressionError::Syntax(first_of(&errors.to_string())))?;
        let mut references = BTreeSet::new();
        look(program.expression(), &mut Vec::new(), 0, &mut references)?;
        Ok(Self { source: source.to_owned(), program, references })
    }

    /// As it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What it reads, each as the names from a variable on, as far as they are names: `steps.mail.id` is `[steps, mail, id]`.
    pub fn references(&self) -> impl Iterator<Item = &[String]> {
        self.references.iter().map(Vec::as_slice)
    }

    /// Whether it reads the variable `name`.
    #[must_use]
    pub fn reads(&self, name: &str) -> bool {
        self.references.iter().any(|path| path[0] == name)
    }

    /// Whether it reads nothing: it is the same each time.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.references.is_empty()
    }
}

/// How much a source asks of a parser.
struct Extent {
    nesting: usize,
    signs: usize,
}

impl Extent {
    /// What stands in quotes counts, too: a bound is no parser, and nothing slips through it.
    fn of(source: &str) -> Self {
        let (mut depth, mut nesting, mut signs) = (0_usize, 0, 0);
        for byte in source.bytes().filter(|byte| byte.is_ascii_punctuation() && *byte != b'_') {
            signs += 1;
            match byte {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            nesting = nesting.max(depth);
        }
        Self { nesting, signs }
    }
}

/// The first of several errors, without the picture of the source.
fn first_of(errors: &str) -> String {
    let line = errors.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.trim_start_matches("ERROR: <input>:").chars().take(200).collect()
}

/// Looks through a part of an expression: `bound` are the names that loops around it give.
fn look(
    part: &IdedExpr,
    bound: &mut Vec<String>,
    loops: usize,
    references: &mut BTreeSet<Vec<String>>,
) -> Result<(), ExpressionError> {
    if let Some(path) = path(part) {
        if !bound.contains(&path[0]) {
            references.insert(path);
        }
        return Ok(());
    }
    let mut inner = |part: &IdedExpr, bound: &mut Vec<String>| look(part, bound, loops, references);
    match &part.expr {
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => Ok(()),
        Expr::Select(select) => inner(&select.operand, bound),
        Expr::List(list) => list.elements.iter().try_for_each(|element| inner(element, bound)),
        Expr::Map(map) => map.entries.iter().try_for_each(|entry| match &entry.expr {
            EntryExpr::MapEntry(entry) => inner(&entry.key, bound).and_then(|()| inner(&entry.value, bound)),
            EntryExpr::StructField(_) => Err(ExpressionError::Syntax("a map has no fields".to_owned())),
        }),
        Expr::Struct(_) => Err(ExpressionError::Syntax("there are no message types".to_owned())),
        Expr::Call(call) => {
            if !functions::is_known(&call.func_name, call.target.is_some()) {
                return Err(ExpressionError::Function(call.func_name.clone()));
            }
            call.target.iter().try_for_each(|target| inner(target, bound))?;
            call.args.iter().try_for_each(|argument| inner(argument, bound))
        }
        Expr::Comprehension(looped) => {
            if loops == MAX_LOOPS {
                return Err(ExpressionError::Loops);
            }
            look(&looped.iter_range, bound, loops, references)?;
            look(&looped.accu_init, bound, loops, references)?;
            let before = bound.len();
            bound.extend([looped.iter_var.clone(), looped.accu_var.clone()]);
            bound.extend(looped.iter_var2.clone());
            for part in [&looped.loop_cond, &looped.loop_step, &looped.result] {
                look(part, bound, loops + 1, references)?;
            }
            bound.truncate(before);
            Ok(())
        }
    }
}

/// The names of `a.b.c`, and of `a.?b.?c` and `a["b"]` as well.
fn path(part: &IdedExpr) -> Option<Vec<String>> {
    match &part.expr {
        Expr::Ident(name) => Some(vec![name.clone()]),
        Expr::Select(select) => {
            let mut path = path(&select.operand)?;
            path.push(select.field.clone());
            Some(path)
        }
        Expr::Call(call) if functions::is_selection(&call.func_name) => {
            let [of, name] = call.args.as_slice() else { return None };
            let mut path = path(of)?;
            path.push(functions::literal_text(name)?.to_owned());
            Some(path)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(source: &str) -> Vec<String> {
        let expression = Expression::compile(source).unwrap();
        expression.references().map(|path| path.join(".")).collect()
    }

    #[test]
    fn what_it_reads_is_known() {
        assert_eq!(
            references("pull.status == 'SUCCESS' && size(steps.mail.id) > 0"),
            ["pull.status", "steps.mail.id"]
        );
        assert_eq!(references("steps.?a.?b.orValue(config['x'])"), ["config.x", "steps.a.b"]);
        assert_eq!(
            references("pull.policies.map(p, p.number + config.suffix)"),
            ["config.suffix", "pull.policies"]
        );
        assert_eq!(references("[1, 2].exists(x, x == 1)"), [""; 0]);
        assert_eq!(references("has(event.data.days)"), ["event.data.days"]);
        assert!(Expression::compile("1 + 1 == 2").unwrap().is_constant());
    }

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        let refused = |source: &str| Expression::compile(source).unwrap_err();
        assert_eq!(refused(""), ExpressionError::Length);
        assert_eq!(refused(&"1+".repeat(MAX_LENGTH)), ExpressionError::Length);
        assert_eq!(refused(&"1+".repeat(300)), ExpressionError::Signs);
        assert_eq!(refused(&format!("{}1{}", "(".repeat(60), ")".repeat(60))), ExpressionError::Nesting);
        assert_eq!(refused("[1].map(a, [1].map(b, [1].map(c, [1].map(d, d))))"), ExpressionError::Loops);
        assert_eq!(refused("env('HOME')"), ExpressionError::Function("env".to_owned()));
        assert_eq!(refused("'a'.matches('(a+)+')"), ExpressionError::Function("matches".to_owned()));
        assert_eq!(refused("'%5000000d'.format([1])"), ExpressionError::Function("format".to_owned()));
        for source in ["1 +", "a b", "{{", "pull.", "\u{0}", "'"] {
            assert!(matches!(refused(source), ExpressionError::Syntax(_)), "{source}");
        }
    }

    /// The platform has a megabyte of stack, and an overflow ends all that is there.
    #[test]
    fn a_hostile_source_takes_little_of_the_stack() {
        let sources = [
            "!".repeat(MAX_SIGNS) + "a",
            "-".repeat(MAX_SIGNS) + "1",
            "a.".repeat(MAX_SIGNS) + "a",
            "a?b:".repeat(MAX_SIGNS / 2) + "c",
            "(".repeat(MAX_NESTING) + "a" + &")".repeat(MAX_NESTING),
            "a[".repeat(MAX_NESTING) + "a" + &"]".repeat(MAX_NESTING),
            "(".repeat(MAX_NESTING),
            "{'a':".repeat(MAX_NESTING) + "1" + &"}".repeat(MAX_NESTING),
            "1<".repeat(MAX_SIGNS) + "1",
            "1+".repeat(MAX_SIGNS) + "1",
            "a&&".repeat(MAX_SIGNS / 2) + "a",
            "a||".repeat(MAX_SIGNS / 2) + "a",
            "a".to_owned() + &".?b".repeat(MAX_SIGNS / 2),
            "a".to_owned() + &"[0]".repeat(MAX_SIGNS / 2),
            "a".to_owned() + &".trim()".repeat(MAX_SIGNS / 3),
            "x.map(".repeat(MAX_NESTING),
            "'".repeat(MAX_LENGTH),
            "\\".repeat(MAX_LENGTH),
        ];
        let compile = move || {
            for source in sources {
                let value = serde_json::json!({ "a": { "a": 1 } });
                let scope = crate::expression::Scope::default().with("a", &value);
                let _ = Expression::compile(&source).map(|expression| expression.evaluate(&scope));
            }
        };
        // What is built for tests takes several times what is built to run.
        std::thread::Builder::new().stack_size(32 << 20).spawn(compile).unwrap().join().unwrap();
        for source in ["!".repeat(MAX_SIGNS + 1), "a.".repeat(MAX_SIGNS + 1)] {
            assert_eq!(Expression::compile(&source).unwrap_err(), ExpressionError::Signs);
        }
    }
}
