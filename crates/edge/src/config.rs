//! The configuration, read once an isolate.

use std::{cell::OnceCell, rc::Rc};

use canopy::{
    config::{Config, ConfigError},
    problem::{Code, Problem},
};
use intake::gaps::Thresholds;
use serde_json::json;
use worker::Env;

use crate::platform;

/// The variable of [`Thresholds`].
const GAPS: &str = "EDGE_GAPS";
const GAPS_EXPECTED: &str =
    "a JSON object of thresholds as docs/intake.md lists them, such as {\"expiring_days\": 45}, or nothing";

type Read = Result<Rc<Config>, Rc<[ConfigError]>>;

thread_local! {
    static CONFIG: OnceCell<Read> = const { OnceCell::new() };
}

/// The configuration, or every variable that is missing or malformed.
pub fn read(env: &Env) -> Read {
    CONFIG.with(|config| {
        let read = || {
            let variable = |name: &str| platform::binding(env, name).ok()?.as_string();
            let gaps =
                (!are_thresholds(env)).then_some(ConfigError { variable: GAPS, expected: GAPS_EXPECTED });
            let read = match (Config::read(variable), gaps) {
                (Ok(config), None) => Ok(config),
                (Ok(_), Some(gaps)) => Err(vec![gaps]),
                (Err(mut errors), gaps) => {
                    errors.extend(gaps);
                    Err(errors)
                }
            };
            read.map(Rc::new).map_err(|errors| {
                // Once an isolate, whatever is asked first: the operator reads the log before anything else.
                let line = json!({ "code": Code::NotConfigured.parts().1, "detail": list(&errors) });
                worker::console_error!("{line}");
                Rc::from(errors)
            })
        };
        config.get_or_init(read).clone()
    })
}

/// Whether the variable of thresholds is not set, or can be read: one that is no text cannot.
fn are_thresholds(env: &Env) -> bool {
    let set = platform::binding(env, GAPS).ok().filter(|value| !value.is_undefined() && !value.is_null());
    let text = set.map(|value| value.as_string());
    text.is_none_or(|text| text.is_some_and(|text| text.is_empty() || Thresholds::read(&text).is_ok()))
}

/// Where gaps begin.
pub fn thresholds(env: &Env) -> Thresholds {
    let text = platform::binding(env, GAPS).ok().and_then(|value| value.as_string());
    text.and_then(|text| Thresholds::read(&text).ok()).unwrap_or_default()
}

/// Whether this is a run against a stand-in on this machine.
pub fn is_local(env: &Env) -> bool {
    read(env).is_ok_and(|config| config.is_local)
}

/// The configuration, or the answer to give without one.
pub fn required(env: &Env) -> Result<Rc<Config>, Problem> {
    read(env).map_err(|errors| Problem::new(Code::NotConfigured, list(&errors)))
}

/// Names each variable with what is expected of it.
pub fn list(errors: &[ConfigError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
