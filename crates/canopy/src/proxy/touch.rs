//! What a call of Canopy's API leaves in the log of the pull that it touches.

use crate::{
    contract::Operation,
    id::{Id, PullId},
    json,
    pull::Called,
};

/// Where it is read which pull a call touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// It touches none.
    None,
    /// It reads one whole: what is kept of it may be older.
    Read,
    /// The request says it.
    Request,
    /// The answer says it, or more of it.
    Answer,
}

/// Source: design, "A pull's log", `call`.
#[must_use]
pub fn touch(operation: Operation) -> Touch {
    use Operation as O;
    match operation {
        O::GetPull => Touch::Read,
        O::PatchPull | O::CheckPull | O::ConfirmServicing => Touch::Request,
        O::CreateServicings
        | O::CreateMonitoring
        | O::PatchMonitoring
        | O::DeleteMonitoring
        | O::RefreshMonitoring => Touch::Answer,
        _ => Touch::None,
    }
}

/// Whether a pull that is read with `query` is read as the edge fetches it: another form is no newer version.
#[must_use]
pub fn reads_as_fetched(query: Option<&str>, property_data: bool) -> bool {
    let query = query.unwrap_or_default();
    let asks = url::form_urlencoded::parse(query.as_bytes());
    let with_data = asks.filter(|(name, _)| name == "withPropertyData").last();
    with_data.is_some_and(|(_, value)| value == "true") == property_data
}

/// The pull that a call touched, and what is written into its log. `pull_id` is the one that the request names, `monitoring`
/// the monitoring of its path, `answer` what Canopy gave.
#[must_use]
pub fn touched(
    called: Called,
    pull_id: Option<PullId>,
    monitoring: Option<&str>,
    answer: &[u8],
) -> Option<(PullId, Called)> {
    const MOST_ACTIONS: usize = 100;
    let answer = json::body(answer);
    let [own_pull, monitored, actions] =
        json::members(&answer, ["pull_id", "monitoring", "servicing_action_ids"]).unwrap_or_default();
    let [monitoring_id, latest] = monitored
        .and_then(|monitored| json::members(monitored.get(), ["monitoring_id", "latest_pull_id"]))
        .unwrap_or_default();
    let pull = |raw| json::text(raw).and_then(|id| PullId::parse(&id).ok());
    let actions = actions.and_then(|actions| json::items(actions.get(), MOST_ACTIONS)).unwrap_or_default();
    let id = |raw| json::text(Some(raw)).and_then(|id| Id::parse(&id).ok());
    let pull_id = pull_id.or_else(|| pull(latest)).or_else(|| pull(own_pull))?;
    let monitoring_id = monitoring.map(str::to_owned).or_else(|| json::text(monitoring_id));
    let mut called = called;
    called.monitoring_id = monitoring_id.and_then(|id| Id::parse(&id).ok());
    called.servicing_action_ids.extend(actions.into_iter().filter_map(id));
    Some((pull_id, called))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Method;

    fn called() -> Called {
        Called {
            operation: "o".to_owned(),
            caller: "crm".to_owned(),
            request_id: "r-1".to_owned(),
            status: 200,
            monitoring_id: None,
            servicing_action_ids: Vec::new(),
        }
    }

    fn id(text: &str) -> PullId {
        PullId::parse(text).unwrap()
    }

    #[test]
    fn the_pull_is_the_requests_or_the_answers() {
        let of = |pull: Option<&str>, monitoring, answer: &str| {
            let touched = touched(called(), pull.map(id), monitoring, answer.as_bytes());
            touched.map(|(pull_id, called)| {
                let ids =
                    called.servicing_action_ids.into_iter().map(String::from).collect::<Vec<_>>().join(",");
                (pull_id.to_string(), called.monitoring_id.map(String::from), ids)
            })
        };
        let expected = |pull: &str, monitoring: Option<&str>, ids: &str| {
            Some((pull.to_owned(), monitoring.map(str::to_owned), ids.to_owned()))
        };
        assert_eq!(of(Some("p-1"), None, ""), expected("p-1", None, ""));
        let servicings = r#"{"pull_id":"p-2","servicing_action_ids":["a","b",7]}"#;
        assert_eq!(of(Some("p-1"), None, servicings), expected("p-1", None, "a,b"));
        let monitoring = r#"{"success":true,"monitoring":{"monitoring_id":"m-1","latest_pull_id":"p-3"}}"#;
        assert_eq!(of(None, None, monitoring), expected("p-3", Some("m-1"), ""));
        assert_eq!(of(None, Some("m-1"), r#"{"pull_id":"p-4"}"#), expected("p-4", Some("m-1"), ""));
        assert_eq!(of(None, Some("m-1"), "{}"), None);
        assert_eq!(of(None, None, "<html>"), None);
    }

    #[test]
    fn only_the_form_that_is_fetched_is_a_newer_version() {
        for (query, property_data, is_same) in [
            (None, false, true),
            (None, true, false),
            (Some("withPropertyData=true"), true, true),
            (Some("withPropertyData=true"), false, false),
            (Some("a=b&withPropertyData=false"), false, true),
        ] {
            assert_eq!(reads_as_fetched(query, property_data), is_same, "{query:?}");
        }
    }

    #[test]
    fn only_writes_touch_and_a_call_is_known_by_its_request() {
        for operation in Operation::ALL.iter().filter(|operation| operation.row().method == Method::Get) {
            assert!(matches!(touch(*operation), Touch::None | Touch::Read));
        }
        let text = serde_json::to_string(&called()).unwrap();
        assert_eq!(serde_json::from_str::<Called>(&text).unwrap(), called());
        let again = Called { status: 201, ..called() };
        assert_eq!(again.key(), called().key());
        let other = Called { request_id: "r-2".to_owned(), ..called() };
        assert_ne!(other.key(), called().key());
    }
}
