//! What an expression gives.

use cel::{Context, ExecutionError};
use serde_json::Value as Json;

use super::{
    bound,
    compile::Expression,
    functions,
    scope::{Fault, Scope},
    value,
};

impl Expression {
    /// What it gives.
    ///
    /// # Errors
    /// Where it cannot be evaluated, or would take too much.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Json, Fault> {
        bound::check(self.program.expression(), scope)?;
        let mut context = Context::with_env(functions::environment());
        for (name, json, value) in scope.iter().filter(|(name, ..)| self.reads(name)) {
            context.add_variable_from_value(*name, value.get_or_init(|| value::to_cel(json)).clone());
        }
        let value = self.program.execute(&context).map_err(|error| match fault(error) {
            // A key that was worked out may be a datum.
            Fault::Absent(name) if !self.source().contains(&name) => {
                Fault::Other("there is no such key here")
            }
            fault => fault,
        })?;
        value::to_json(&value).ok_or(Fault::Other("what the expression gives has no form in JSON"))
    }
}

/// What the error says without the values that it is about.
fn fault(error: ExecutionError) -> Fault {
    match error {
        ExecutionError::NoSuchKey(name) => Fault::Absent(name.chars().take(64).collect()),
        ExecutionError::UndeclaredReference(name) => Fault::Variable(name.chars().take(64).collect()),
        ExecutionError::NoSuchOverload(error)
            if error.function() == "_._" && error.argument_types()[0] == "null_type" =>
        {
            Fault::Other("a member of null is read here: write `.?` for what may be absent")
        }
        ExecutionError::NoSuchOverload(error) => Fault::Types(error.to_string()),
        ExecutionError::UnexpectedType { got, want } => Fault::Types(format!("expected {want}, got {got}")),
        ExecutionError::InvalidArgumentCount { expected, actual } => {
            Fault::Types(format!("expected {expected} arguments, got {actual}"))
        }
        ExecutionError::FunctionError { function, .. } => {
            Fault::Types(format!("{function} cannot be done with what it is given"))
        }
        ExecutionError::UnsupportedBinaryOperator(name, left, right) => {
            let [left, right] = [left, right].map(|value| value.type_of());
            Fault::Types(format!("{name} is not made for {left} and {right}"))
        }
        ExecutionError::ValuesNotComparable(..) => Fault::Other("values of these types cannot be compared"),
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
            Fault::Other("division by zero")
        }
        ExecutionError::Overflow(..) => Fault::Other("a number is out of bounds"),
        ExecutionError::IndexOutOfBounds(_) => Fault::Other("there is no such element in the list"),
        _ => Fault::Other("an operator or function was given what it is not made for"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn evaluate(source: &str, json: &Json) -> Result<Json, Fault> {
        let scope = Scope::default().with("pull", json);
        Expression::compile(source).unwrap().evaluate(&scope)
    }

    #[test]
    fn values_keep_their_types() {
        let pull = json!({ "n": 3, "x": 1.5, "t": "a", "l": [1, { "b": null }], "big": 1e300 });
        for (source, gives) in [
            ("pull", pull.clone()),
            ("pull.n + 1", json!(4)),
            ("pull.l[0]", json!(1)),
            ("pull.l[1].b", json!(null)),
            ("pull.x", json!(1.5)),
            ("{'a': pull.n, 'b': [pull.t]}", json!({ "a": 3, "b": ["a"] })),
            ("pull.?absent", json!(null)),
            ("pull.?absent.?more.orValue('x')", json!("x")),
            ("has(pull.n) && !has(pull.absent)", json!(true)),
            ("pull.l.map(i, i == 1)", json!([true, false])),
            ("pull.t == 'a' ? 'yes' : 'no'", json!("yes")),
            ("['b', 'a'].join(', ')", json!("b, a")),
        ] {
            assert_eq!(evaluate(source, &pull), Ok(gives), "{source}");
        }
    }

    #[test]
    fn a_fault_says_what_is_wrong_and_no_datum() {
        let pull = json!({ "name": "Lois", "error": null, "n": 0, "list": [] });
        for (source, says) in [
            ("pull.nam", "there is no \"nam\" here: write `.?nam` for what may be absent"),
            ("pull.error.code", "a member of null is read here: write `.?` for what may be absent"),
            ("event.data", "there is no variable \"event\" here"),
            ("pull.name + 1", "add is not made for string and int"),
            ("1 / pull.n", "division by zero"),
            ("pull.list[3]", "there is no such element in the list"),
            ("{'a': 1}[pull.name]", "there is no such key here"),
            ("int(pull.name)", "int cannot be done with what it is given"),
        ] {
            let fault = evaluate(source, &pull).unwrap_err().to_string();
            assert_eq!(fault, says, "{source}");
            assert!(!fault.contains("Lois"));
        }
    }

    #[test]
    fn what_would_take_too_much_is_not_begun() {
        let long = json!({ "text": "x".repeat(100_000), "list": (0..1_000).collect::<Vec<_>>() });
        for source in [
            "pull.list.map(a, pull.list.map(b, pull.list.map(c, c)))",
            "pull.list.map(a, pull.text)",
            "pull.text.replace('', pull.text)",
            "pull.list.map(x, string(x)).join(pull.text)",
            &format!("[pull.text]{}", ".map(x, x + x)".repeat(24)),
            &format!("['x']{}", ".map(x, x + x)".repeat(24)),
            &format!("[1]{}", ".map(x, [x, x])".repeat(24)),
            "pull.text.split('').map(a, pull.text.split('').map(b, a + b))",
        ] {
            assert_eq!(evaluate(source, &long), Err(Fault::Work), "{source}");
        }
    }

    #[test]
    fn what_is_reasonable_is_not_refused() {
        let policies: Vec<_> = (0..40)
            .map(|n| json!({ "number": format!("P-{n}"), "premium": n * 100, "notes": "x".repeat(2_000), "coverages": [{ "name": "BI" }, { "name": "PD" }] }))
            .collect();
        let pull = json!({ "policies": policies });
        let source = "pull.policies.filter(p, p.premium > 1000).map(p, p.number + ': ' + p.coverages.map(c, c.name).join(', ')).join('\\n')";
        let text = evaluate(source, &pull).unwrap();
        assert_eq!(text.as_str().unwrap().lines().count(), 29);
        assert!(evaluate("json(pull)", &pull).unwrap().as_str().unwrap().len() > 80_000);
    }
}
