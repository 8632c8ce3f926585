//! A run, in whichever object it is kept.

use flow::query::{Keeper, RunId};
use worker::Env;

use super::{
    instance::InstanceClient,
    pull::PullClient,
    runs::{RunChange, RunChanged},
};
use crate::platform::Thrown;

enum Of {
    Pull(PullClient),
    Instance(InstanceClient),
}

/// See above.
pub struct RunClient {
    of: Of,
    number: i64,
}

impl RunClient {
    pub fn of(env: &Env, id: &RunId) -> Result<Self, Thrown> {
        let of = match &id.keeper {
            Keeper::Pull(pull_id) => Of::Pull(PullClient::of(env, pull_id)?),
            Keeper::Instance(id) => Of::Instance(InstanceClient::of(env, id)?),
        };
        Ok(Self { of, number: id.number })
    }

    /// It with its journal, as JSON; `None` where it is unknown.
    pub async fn view(&self) -> Result<Option<String>, Thrown> {
        match &self.of {
            Of::Pull(client) => client.run(self.number).await,
            Of::Instance(client) => client.run(self.number).await,
        }
    }

    /// Takes what `caller` says of it.
    pub async fn change(&self, change: &RunChange, caller: &str) -> Result<RunChanged, Thrown> {
        match &self.of {
            Of::Pull(client) => client.change_run(self.number, change, caller).await,
            Of::Instance(client) => client.change_run(self.number, change, caller).await,
        }
    }
}
