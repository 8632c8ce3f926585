//! Going on with runs that are due.

use canopy::{config::Config, retry, time::UnixMillis};
use futures_util::future::join_all;
use serde_json::json;

use super::{
    home::Home,
    rows::{due, next_due, put_off},
    turn::turn,
};
use crate::{objects::unseen::Unseen, platform};

/// Runs that are carried on side by side. Their turns may be long in coming: no others are taken up before.
const AT_A_TIME: u32 = 2;

/// How long one turn lasts, in milliseconds: then others have theirs.
const TURN_MILLIS: u64 = 20_000;

/// Wait for room in memory, in milliseconds.
const ROOM_MILLIS: u64 = 2_000;

/// Goes on with the runs that are due; gives when the next is.
pub async fn advance(home: &dyn Home, config: &Config) -> Result<Option<UnixMillis>, Unseen> {
    let end = platform::now().plus(TURN_MILLIS);
    loop {
        let now = platform::now();
        let numbers = due(home, now, AT_A_TIME)?;
        if numbers.is_empty() || now >= end {
            return Ok(next_due(home)?);
        }
        let runs =
            numbers.into_iter().map(|number| async move { (number, turn(home, config, number, end).await) });
        for (number, ended) in join_all(runs).await {
            match ended {
                Ok(()) => {}
                Err(Unseen::NoRoom) => put_off(home, number, platform::now().plus(ROOM_MILLIS))?,
                // One that cannot be read holds up no other.
                Err(Unseen::Storage(_)) => {
                    let line = json!({ "route": "workflows", "run": number, "code": "UNREADABLE" });
                    worker::console_warn!("{line}");
                    put_off(home, number, platform::now().plus(retry::CAP_MILLIS))?;
                }
            }
        }
    }
}
