//! Terms and carriers: what anyone may read.

use serde_json::{Value, json};

use super::request::{Outcome, Refusal, Request, ok};
use crate::{carriers, world::World};

/// The only version of the terms there is.
pub(super) const TERMS_VERSION: i64 = 1;

const TERMS: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Privacy Policy and Terms of Service</title></head><body>\
<h1>Privacy Policy and Terms of Service</h1>\
<p>These are the terms of a sandbox. No insurance company is contacted, and nothing entered here is kept or shared.</p>\
<p>By continuing you agree that the insurance company you choose shares your policies with the agency that asked you.</p>\
</body></html>\n";

impl World {
    pub(super) fn terms() -> Outcome {
        ok(&json!({"terms_version": TERMS_VERSION, "terms_html": TERMS}))
            .map(crate::http::Answer::with_open_cors)
    }

    pub(super) fn carriers(&self, request: &Request<'_>) -> Outcome {
        let list: Value = carriers::list(request.call.parameter("products")).into_iter().cloned().collect();
        ok(&list).map(crate::http::Answer::with_open_cors)
    }

    pub(super) fn carrier(&self, request: &Request<'_>) -> Outcome {
        let carrier = carriers::find(request.parameter("carrierId")).ok_or(Refusal("NOT_FOUND"))?;
        ok(carrier).map(crate::http::Answer::with_open_cors)
    }
}
