//! What became of a dry run, for people to read.

use serde_json::Value;

/// Most characters of a request's body.
const MAX_BODY: usize = 160;

/// The lines of an edge's answer: each run with its steps, then what was not started.
pub fn lines(played: &Value) -> Vec<String> {
    let runs = array(&played["runs"]);
    let not_started = array(&played["not_started"]);
    let mut lines: Vec<String> = runs.iter().flat_map(run).collect();
    lines.extend(
        not_started
            .iter()
            .map(|flow| format!("{}: not started: {}", text(&flow["flow"]), text(&flow["why"]))),
    );
    if lines.is_empty() {
        lines.push("The group has no flow that starts on a pull.".to_owned());
    }
    lines
}

fn run(run: &Value) -> Vec<String> {
    let steps = array(&run["steps"]);
    let width = |name: &str| steps.iter().map(|step| text(&step[name]).chars().count()).max().unwrap_or(0);
    let widths = (width("path"), width("use"));
    let cause = match &run["cause"] {
        Value::Null => "started by hand".to_owned(),
        cause => format!("started by {} at {}", text(&cause["event_type"]), cause["position"]),
    };
    let at = run["path"].as_str().map_or_else(String::new, |path| format!(" at {path}"));
    let head = format!("{}: {}{at}{}, {cause}", text(&run["flow"]), text(&run["status"]), because(run));
    let mut lines = vec![head];
    lines.extend(steps.iter().flat_map(|one| step(one, widths)));
    lines.push(format!("  until {}", text(&run["until"])));
    lines
}

/// One line; behind it what a request carries, and why the step failed.
fn step(step: &Value, (path, kind): (usize, usize)) -> Vec<String> {
    let input = &step["input"];
    let request = match (input["method"].as_str(), input["url"].as_str()) {
        (Some(method), Some(url)) => format!("  {method} {url}"),
        _ => String::new(),
    };
    let by = match step["answered_by"].as_str() {
        Some("caller") => "  (answered as you say)",
        Some("example") => "  (answered as the service's example)",
        Some("log") => "  (found in the log)",
        Some("assumed") => "  (assumed)",
        _ => "",
    };
    let [name, using, state] = ["path", "use", "state"].map(|name| text(&step[name]));
    let mut lines =
        vec![format!("  {name:path$}  {using:kind$}  {state:7}{request}{by}").trim_end().to_owned()];
    if let Some(secret) = input["auth"]["secret"].as_str().filter(|_| !request.is_empty()) {
        lines.push(format!("    with the secret {secret}"));
    }
    if let Some(body) = input["body"].as_str().filter(|_| !request.is_empty()) {
        lines.push(format!("    {}", shortened(body)));
    }
    if !step["reason"].is_null() {
        lines.push(format!("    {}", because(step).trim_start_matches(": ")));
    }
    lines
}

/// Why something ended: `: REASON, in words`.
fn because(it: &Value) -> String {
    match (it["reason"].as_str(), it["detail"].as_str()) {
        (Some(reason), Some(detail)) => format!(": {reason}, {detail}"),
        (Some(one), None) | (None, Some(one)) => format!(": {one}"),
        (None, None) => String::new(),
    }
}

/// One line of a body, and how much more there is.
fn shortened(body: &str) -> String {
    let line: String = body.chars().take(MAX_BODY).map(|it| if it.is_control() { ' ' } else { it }).collect();
    match body.chars().count().saturating_sub(MAX_BODY) {
        0 => line,
        more => format!("{line}… and {more} characters more"),
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_dry_run_is_read_step_by_step() {
        let played = json!({
            "pull_id": "1",
            "runs": [
                { "flow": "tell", "cause": { "position": 5, "event_type": "COMPLETE" }, "status": "done", "reason": null, "detail": null, "path": null,
                  "until": "2026-01-31T10:00:00.000Z", "steps": [
                    { "path": "mail", "use": "resend", "state": "done", "at": "2026-01-31T09:00:00.000Z", "answered_by": "example",
                      "input": { "method": "POST", "url": "https://api.resend.com/emails", "headers": {}, "body": "{\"text\":\"a\nb\"}", "auth": { "secret": "RESEND", "as": "bearer" } },
                      "result": { "id": "4" }, "reason": null, "detail": null },
                    { "path": "bound", "use": "wait", "state": "done", "at": "2026-01-31T09:00:00.000Z", "answered_by": "log", "input": { "until": "x" }, "result": {}, "reason": null, "detail": null },
                    { "path": "rest", "use": "sleep", "state": "done", "at": "2026-01-31T09:00:00.000Z", "input": {}, "result": {}, "reason": null, "detail": null },
                ] },
                { "flow": "ask", "cause": null, "status": "failed", "reason": "REFUSED", "detail": "the service answered 400", "path": "all[0].note",
                  "until": "2026-01-31T09:00:00.000Z", "steps": [
                    { "path": "all[0].note", "use": "http", "state": "failed", "answered_by": "caller", "input": { "method": "GET", "url": "https://a.example/" },
                      "result": null, "reason": "REFUSED", "detail": "the service answered 400" },
                ] },
            ],
            "not_started": [{ "flow": "other", "why": "its condition is false" }],
        });
        assert_eq!(
            lines(&played),
            [
                "tell: done, started by COMPLETE at 5",
                "  mail   resend  done     POST https://api.resend.com/emails  (answered as the service's example)",
                "    with the secret RESEND",
                "    {\"text\":\"a b\"}",
                "  bound  wait    done     (found in the log)",
                "  rest   sleep   done",
                "  until 2026-01-31T10:00:00.000Z",
                "ask: failed at all[0].note: REFUSED, the service answered 400, started by hand",
                "  all[0].note  http  failed   GET https://a.example/  (answered as you say)",
                "    REFUSED, the service answered 400",
                "  until 2026-01-31T09:00:00.000Z",
                "other: not started: its condition is false",
            ]
        );
        assert_eq!(lines(&json!({ "runs": [] })).len(), 1);
    }

    #[test]
    fn a_long_body_is_shortened_where_a_character_ends() {
        let body = "ä".repeat(MAX_BODY + 9);
        assert_eq!(shortened(&body), format!("{}… and 9 characters more", "ä".repeat(MAX_BODY)));
        assert_eq!(shortened("{}"), "{}");
    }
}
