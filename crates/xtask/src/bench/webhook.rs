//! The webhooks that are sent: made and signed before a round begins, so that a round measures the Worker alone.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

/// Widths are fixed so that a request is one buffer in which these are overwritten in place.
const PULL: &str = "99999999-9999-4999-8999-999999999999";
const SEQUENCE: u64 = 5_555_555_555;
const FIRST_SEQUENCE: u64 = 1_000_000_000;
const TIMESTAMP: &str = "8888888888";
const SIGNATURE: [u8; 64] = [b'7'; 64];

/// What one request has of its own.
#[derive(Debug, Clone)]
pub struct Shot {
    pull: String,
    sequence: String,
    signature: String,
}

/// A request whose body has a given size, and where in it the parts lie that differ from shot to shot.
#[derive(Debug, Clone)]
pub struct Template {
    request: Vec<u8>,
    body: usize,
    pulls: Vec<usize>,
    sequence: usize,
    timestamp: usize,
    signature: usize,
}

impl Template {
    /// A request with an `AUTH_STATUS` of `size` bytes. What is beyond the usual 700 stands in `data`, as small objects
    /// that neither Worker knows: both have to read over them.
    pub fn new(size: usize) -> Self {
        let base = body(&[]).len();
        // Each has the same length, with a comma behind it.
        let detail = json!({ "name": "detail", "value": "x".repeat(24), "known": true });
        let details = vec![detail.clone(); size.saturating_sub(base).div_ceil(detail.to_string().len() + 1)];
        let body = body(&details);
        let signature = String::from_utf8_lossy(&SIGNATURE).into_owned();
        let head = format!(
            "POST /webhooks/canopy HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
             content-length: {}\r\ncanopy-signature: t={TIMESTAMP},s={signature}\r\nbench-pull: {PULL}\r\n\r\n",
            body.len()
        );
        let request = [head.as_bytes(), body.as_bytes()].concat();
        Self {
            body: head.len(),
            pulls: places(&request, PULL.as_bytes()),
            sequence: places(&request, SEQUENCE.to_string().as_bytes())[0],
            timestamp: places(&request, TIMESTAMP.as_bytes())[0],
            signature: places(&request, &SIGNATURE)[0],
            request,
        }
    }

    /// Sets the moment that all shots from here on are signed at.
    pub fn stamp(&mut self) -> Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock stands before 1970")?;
        overwrite(&mut self.request, self.timestamp, &now.as_secs().to_string());
        Ok(())
    }

    /// The shot number `number` at the pull number `pull`, signed with `secret`.
    pub fn shot(&mut self, pull: u64, number: u64, secret: &str) -> Shot {
        let mut shot = Shot {
            pull: format!("{:08x}-0000-4000-8000-{pull:012x}", pull % 0xffff_ffff),
            sequence: (FIRST_SEQUENCE + number).to_string(),
            signature: String::from_utf8_lossy(&SIGNATURE).into_owned(),
        };
        self.load(&shot);
        let mut mac =
            Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
        mac.update(&self.request[self.timestamp..self.timestamp + TIMESTAMP.len()]);
        mac.update(b".");
        mac.update(&self.request[self.body..]);
        shot.signature = hex::encode(mac.finalize().into_bytes());
        shot
    }

    /// Makes the request that of `shot`.
    pub fn load(&mut self, shot: &Shot) -> &[u8] {
        for &at in &self.pulls {
            overwrite(&mut self.request, at, &shot.pull);
        }
        overwrite(&mut self.request, self.sequence, &shot.sequence);
        overwrite(&mut self.request, self.signature, &shot.signature);
        &self.request
    }
}

fn body(details: &[serde_json::Value]) -> String {
    json!({
        "event_type": "AUTH_STATUS",
        "pull_id": PULL,
        "team_id": "00000000-0000-4000-8000-000000000001",
        "widget_id": "5d0a3b7e-6c1f-4d52-9a77-2f1f4c1f9b10",
        "status": "GETTING_CONSUMERS",
        "account_identifier": "b1946ac92492d2347c6235b4d2611184b1946ac92492d2347c6235b4d2611184",
        "is_monitored": false,
        "monitoring": { "initial_pull_id": null, "monitoring_id": null },
        "meta_data": {
            "lead_id": "lead-20931", "campaign": "autumn-home-and-auto", "agent": "agent-17",
            "page": "https://agency.example/quote/auto", "language": "en",
        },
        "data": {
            "auth_status": "GETTING_CONSUMERS",
            "login_error_message": null,
            "sequence": SEQUENCE,
            "details": details,
        },
    })
    .to_string()
}

fn places(text: &[u8], part: &[u8]) -> Vec<usize> {
    text.windows(part.len()).enumerate().filter(|(_, window)| *window == part).map(|(at, _)| at).collect()
}

fn overwrite(request: &mut [u8], at: usize, text: &str) {
    request[at..at + text.len()].copy_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shot_is_a_request_of_its_own_signed_over_its_body() {
        let mut template = Template::new(700);
        template.stamp().unwrap();
        let (one, other) = (template.shot(1, 1, "secret"), template.shot(2, 1, "secret"));
        assert_ne!(one.signature, other.signature);
        let request = String::from_utf8(template.load(&one).to_vec()).unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let body_json: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body_json["pull_id"], "00000001-0000-4000-8000-000000000001");
        assert_eq!(body_json["data"]["sequence"], FIRST_SEQUENCE + 1);
        let header = head.lines().find_map(|line| line.strip_prefix("canopy-signature: ")).unwrap();
        let (timestamp, signature) = header.strip_prefix("t=").unwrap().split_once(",s=").unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
        mac.update(format!("{timestamp}.{body}").as_bytes());
        assert_eq!(signature, hex::encode(mac.finalize().into_bytes()));
    }

    #[test]
    fn bodies_have_the_sizes_that_the_table_names() {
        for size in [700, 8_000, 64_000] {
            let template = Template::new(size);
            let length = template.request.len() - template.body;
            assert!((size..size + 150).contains(&length), "{length} for {size}");
        }
    }
}
