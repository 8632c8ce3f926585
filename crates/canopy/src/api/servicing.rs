//! What an insurance company is to change: said by the back office, passed on as it was said.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    json,
    problem::{Code, Problem},
};

/// Most servicing actions of one login.
const MAX_ACTIONS: usize = 10;

/// Servicing actions, `[{type, payload}]` as Canopy's API takes them. Source: openapi.json,
/// `post-consent-and-connect`, `servicing_actions`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServicingActions(Box<RawValue>);

impl ServicingActions {
    /// Reads and checks what the back office sent; `None` for `null`, and where nothing was sent. Which types there are, and
    /// what each takes, Canopy says.
    ///
    /// # Errors
    /// [`Code::InputInvalid`]
    pub fn read(raw: Option<&RawValue>) -> Result<Option<Self>, Problem> {
        let Some(raw) = raw.filter(|raw| raw.get() != "null") else { return Ok(None) };
        let is_action = |action: &&RawValue| {
            json::members(action.get(), ["type", "payload"]).is_some_and(|[kind, payload]| {
                json::text(kind).is_some() && payload.is_some_and(|payload| payload.get().starts_with('{'))
            })
        };
        let actions = json::items(raw.get(), MAX_ACTIONS + 1);
        let are_actions = actions.is_some_and(|actions| {
            (1..=MAX_ACTIONS).contains(&actions.len()) && actions.iter().all(is_action)
        });
        if !are_actions {
            let detail = "servicing_actions: expected 1 to 10 of {type, payload}, or nothing";
            return Err(Problem::new(Code::InputInvalid, detail));
        }
        let mended = RawValue::from_string(json::mended(raw.get()).into_owned());
        Ok(Some(Self(mended.expect("a whole value stays whole"))))
    }
}

impl PartialEq for ServicingActions {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Eq for ServicingActions {}

/// Shows nothing of it: a payload is a consumer's.
impl std::fmt::Debug for ServicingActions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ServicingActions({} bytes)", self.0.get().len())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;

    pub fn actions(json: &str) -> Result<Option<ServicingActions>, Code> {
        ServicingActions::read(Some(serde_json::from_str(json).unwrap())).map_err(|problem| problem.code)
    }

    #[test]
    fn a_list_of_changes_is_one_to_ten_of_them() {
        let action = json!({"type": "ADD_MORTGAGEE", "payload": {"name": "Bank"}});
        let list = |count: usize| Value::from(vec![action.clone(); count]).to_string();
        for count in [1, 10] {
            let read = actions(&list(count)).unwrap().unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), list(count));
            assert!(!format!("{read:?}").contains("Bank"));
        }
        assert_eq!((actions("null"), ServicingActions::read(None).unwrap()), (Ok(None), None));
        for wrong in [
            &list(0),
            &list(11),
            "{}",
            "7",
            r#"["x"]"#,
            r#"[{"type":"A"}]"#,
            r#"[{"payload":{}}]"#,
            r#"[{"type":1,"payload":{}}]"#,
            r#"[{"type":"A","payload":"x"}]"#,
        ] {
            assert_eq!(actions(wrong), Err(Code::InputInvalid), "{wrong}");
        }
    }
}
