//! The configuration, read once an isolate.

use std::{cell::OnceCell, rc::Rc};

use canopy::{
    config::{Config, ConfigError},
    problem::{Code, Problem},
};
use serde_json::json;
use worker::Env;

use crate::platform;

type Read = Result<Rc<Config>, Rc<[ConfigError]>>;

thread_local! {
    static CONFIG: OnceCell<Read> = const { OnceCell::new() };
}

/// The configuration, or every variable that is missing or malformed.
pub fn read(env: &Env) -> Read {
    CONFIG.with(|config| {
        let read = || {
            let variable = |name: &str| platform::binding(env, name).ok()?.as_string();
            Config::read(variable).map(Rc::new).map_err(|errors| {
                // Once an isolate, whatever is asked first: the operator reads the log before anything else.
                let line = json!({ "code": Code::NotConfigured.parts().1, "detail": list(&errors) });
                worker::console_error!("{line}");
                Rc::from(errors)
            })
        };
        config.get_or_init(read).clone()
    })
}

/// The configuration, or the answer to give without one.
pub fn required(env: &Env) -> Result<Rc<Config>, Problem> {
    read(env).map_err(|errors| Problem::new(Code::NotConfigured, list(&errors)))
}

/// Names each variable with what is expected of it.
pub fn list(errors: &[ConfigError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
