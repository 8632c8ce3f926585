//! A subscription: who is told of what, and how it goes with them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};

use super::{Destination, Form, SigningSecret, Types};
use crate::{
    id::SubscriptionId,
    json,
    problem::{Code, Problem},
    schedule::invalid,
    time::UnixMillis,
};

/// Most subscriptions: each costs each event.
pub const MAX_SUBSCRIPTIONS: usize = 50;

/// Longest description, in characters.
const MAX_DESCRIPTION_LENGTH: usize = 200;

/// Most changes of types that are remembered: what is older was sent long ago.
const MAX_FORMER_TYPES: usize = 10;

/// How long the secret before the newest one signs, too, in milliseconds: a day.
const BOTH_MILLIS: u64 = 24 * 60 * 60 * 1_000;

/// How long an endpoint may take nothing before it is paused, in milliseconds: two days.
const PAUSED_AFTER_MILLIS: u64 = 2 * 24 * 60 * 60 * 1_000;

/// What its owner says of it; sealed where it is kept, as the URL, too, may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Where it goes.
    pub url: String,
    /// Of what.
    pub types: Types,
    /// Of what before, each with when that ended: what was written down until then is judged by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_types: Vec<(UnixMillis, Types)>,
    /// In which form.
    pub form: Form,
    /// In the owner's words.
    pub description: String,
    /// Scheme and host of the edge that it was made at, for links.
    pub origin: String,
    /// When it was switched on last, or taken up where it was paused; the epoch before that.
    #[serde(default)]
    pub taken_up: UnixMillis,
    /// Signs.
    pub secret: SigningSecret,
    /// Signs, too, until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<(SigningSecret, UnixMillis)>,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// What its owner says of it.
    pub settings: Settings,
    /// When it was made.
    pub created_at: UnixMillis,
    /// Whether its owner wants it, and the receiver has not said that it is gone.
    pub enabled: bool,
    /// Takes what was written down from here on; `None` for all.
    pub since: Option<UnixMillis>,
    /// Since when its endpoint takes nothing.
    pub failing_since: Option<UnixMillis>,
    /// When it was paused for that.
    pub paused_at: Option<UnixMillis>,
    /// When its endpoint said that it is gone.
    pub gone_at: Option<UnixMillis>,
    /// Dead letters from the first of these times to the second are sent again: it was paused, and was taken up.
    pub resumed: Option<(UnixMillis, UnixMillis)>,
    /// Grows with each change of its owner's.
    pub version: i64,
}

impl Subscription {
    /// Whether anything is sent.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.enabled && self.paused_at.is_none()
    }

    /// Whether it takes an entry of a type that was written down at `recorded_at`.
    #[must_use]
    pub fn takes(&self, event_type: &str, recorded_at: UnixMillis) -> bool {
        let former = self.settings.former_types.iter().find(|(until, _)| recorded_at < *until);
        former.map_or(&self.settings.types, |(_, types)| types).take(event_type)
    }

    /// The secrets that sign at `now`, the newest first.
    #[must_use]
    pub fn secrets(&self, now: UnixMillis) -> Vec<&SigningSecret> {
        let previous = self.settings.previous.as_ref().filter(|(_, until)| now < *until);
        [Some(&self.settings.secret), previous.map(|(secret, _)| secret)].into_iter().flatten().collect()
    }

    /// Whether its endpoint, which has just taken nothing again, is to be paused.
    #[must_use]
    pub fn is_to_be_paused(&self, now: UnixMillis) -> bool {
        self.failing_since.is_some_and(|since| since.plus(PAUSED_AFTER_MILLIS) <= now)
    }

    /// As it is shown; its secret is not.
    #[must_use]
    pub fn view(&self, now: UnixMillis) -> Value {
        let rfc3339 = |at: Option<UnixMillis>| at.map(UnixMillis::rfc3339);
        let previous = self.settings.previous.as_ref().map(|(_, until)| *until).filter(|until| now < *until);
        let (state, notice) = match (self.enabled, self.gone_at, self.paused_at) {
            (false, Some(at), _) => (
                "disabled",
                Some(format!(
                    "The endpoint answered 410 (gone) at {}, so nothing more is sent. Where that was a mistake, PATCH with \"enabled\": true: it goes on where it stood.",
                    at.rfc3339()
                )),
            ),
            (false, None, _) => ("disabled", None),
            (true, _, Some(at)) => (
                "paused",
                Some(format!(
                    "The endpoint has taken nothing since {}, so it was paused at {}. Mend it, try it with POST …/test, and PATCH with \"enabled\": true: it goes on where it stood.",
                    self.failing_since.unwrap_or(at).rfc3339(),
                    at.rfc3339()
                )),
            ),
            (true, _, None) => ("active", None),
        };
        json!({
            "subscription_id": self.id,
            "url": self.settings.url,
            "types": self.settings.types,
            "form": self.settings.form,
            "description": self.settings.description,
            "enabled": self.enabled,
            "state": state,
            "notice": notice,
            "since": rfc3339(self.since),
            "created_at": self.created_at.rfc3339(),
            "previous_secret_until": rfc3339(previous),
            "failing_since": rfc3339(self.failing_since),
        })
    }
}

/// Where a new one begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum From {
    #[default]
    Now,
    Beginning,
}

/// A subscription that is asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct NewSubscription {
    url: Destination,
    types: Types,
    form: Form,
    description: String,
    enabled: bool,
    from: From,
}

impl NewSubscription {
    /// Reads a body.
    ///
    /// # Errors
    /// [`Code::BodyMalformed`] for what is no object, [`Code::InputInvalid`] naming the member that is not what it should be.
    pub fn read(body: &[u8], is_local: bool) -> Result<Self, Problem> {
        const MEMBERS: &str = "url, types, form, description, enabled or from";
        let (change, from) = read(body, is_local, MEMBERS, |name, value, from: &mut From| match name {
            "from" => {
                *from = match json::text(Some(value)).as_deref() {
                    Some("now") => From::Now,
                    Some("beginning") => From::Beginning,
                    _ => return Some(Err(invalid("from", "now or beginning"))),
                };
                Some(Ok(()))
            }
            _ => None,
        })?;
        Ok(Self {
            url: change.url.ok_or_else(|| invalid("url", Destination::EXPECTED))?,
            types: change.types.unwrap_or_else(Types::all),
            form: change.form.unwrap_or_default(),
            description: change.description.unwrap_or_default(),
            enabled: change.enabled.unwrap_or(true),
            from,
        })
    }

    /// The subscription, made at `now` at the edge `origin`.
    #[must_use]
    pub fn made(
        self,
        id: SubscriptionId,
        secret: SigningSecret,
        origin: &str,
        now: UnixMillis,
    ) -> Subscription {
        Subscription {
            id,
            settings: Settings {
                url: self.url.as_str().to_owned(),
                types: self.types,
                former_types: Vec::new(),
                form: self.form,
                description: self.description,
                origin: origin.to_owned(),
                taken_up: UnixMillis(0),
                secret,
                previous: None,
            },
            created_at: now,
            enabled: self.enabled,
            since: (self.from == From::Now).then_some(now),
            failing_since: None,
            paused_at: None,
            gone_at: None,
            resumed: None,
            version: 1,
        }
    }
}

/// What is to be another.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    url: Option<Destination>,
    types: Option<Types>,
    form: Option<Form>,
    description: Option<String>,
    enabled: Option<bool>,
    /// Whether a new secret is asked for.
    pub rotates: bool,
}

impl Change {
    /// Reads a body.
    ///
    /// # Errors
    /// As [`NewSubscription::read`].
    pub fn read(body: &[u8], is_local: bool) -> Result<Self, Problem> {
        const MEMBERS: &str = "url, types, form, description, enabled or secret";
        let (change, rotates) = read(body, is_local, MEMBERS, |name, value, rotates: &mut bool| {
            let is_rotate = || json::text(Some(value)).as_deref() == Some("rotate");
            (name == "secret").then(|| {
                *rotates = is_rotate();
                if *rotates { Ok(()) } else { Err(invalid("secret", "rotate")) }
            })
        })?;
        Ok(Self { rotates, ..change })
    }

    /// Whether what waits is to be tried at once, when it is made.
    #[must_use]
    pub fn wakes(&self) -> bool {
        self.enabled == Some(true) || self.url.is_some()
    }

    /// Makes it, at `now`; `secret` is a new one where that is asked for.
    pub fn make(self, of: &mut Subscription, secret: Option<SigningSecret>, now: UnixMillis) {
        let settings = &mut of.settings;
        if let Some(url) = self.url {
            url.as_str().clone_into(&mut settings.url);
        }
        if let Some(types) = self.types.filter(|types| *types != settings.types) {
            settings.former_types.push((now, std::mem::replace(&mut settings.types, types)));
            let surplus = settings.former_types.len().saturating_sub(MAX_FORMER_TYPES);
            settings.former_types.drain(..surplus);
        }
        settings.form = self.form.unwrap_or(settings.form);
        settings.description = self.description.unwrap_or_else(|| settings.description.clone());
        if let Some(secret) = secret {
            let before = std::mem::replace(&mut settings.secret, secret);
            settings.previous = Some((before, now.plus(BOTH_MILLIS)));
        }
        if let Some(enabled) = self.enabled {
            if enabled && !of.is_active() {
                of.settings.taken_up = now;
            }
            of.enabled = enabled;
            if enabled {
                of.gone_at = None;
                if of.paused_at.take().is_some() {
                    of.resumed = of.failing_since.take().map(|since| (since, now));
                }
            }
        }
        of.version += 1;
    }
}

/// Reads the members that are common to both; `more` takes its own into `T`, `None` for a name that it does not know.
fn read<T: Default>(
    body: &[u8],
    is_local: bool,
    members: &str,
    more: impl Fn(&str, &RawValue, &mut T) -> Option<Result<(), Problem>>,
) -> Result<(Change, T), Problem> {
    let text = json::body(body);
    let entries = json::entries(&text)
        .ok_or_else(|| Problem::new(Code::BodyMalformed, format!("expected a JSON object with {members}")))?;
    let (mut change, mut own) = (Change::default(), T::default());
    for (name, value) in entries {
        let text = || json::text(Some(value));
        match name.as_str() {
            "url" => {
                let url = text().and_then(|text| Destination::read(&text, is_local));
                change.url = Some(url.ok_or_else(|| invalid("url", Destination::EXPECTED))?);
            }
            "types" => {
                let types = serde_json::from_str(value.get()).ok().and_then(Types::read);
                change.types = Some(types.ok_or_else(|| invalid("types", Types::EXPECTED))?);
            }
            "form" => {
                let form = serde_json::from_str(value.get()).ok();
                change.form = Some(form.ok_or_else(|| invalid("form", "event, intake or flat"))?);
            }
            "description" => {
                let is_short = |text: &String| text.chars().count() <= MAX_DESCRIPTION_LENGTH;
                let expected = || invalid("description", "a text of at most 200 characters");
                change.description = Some(text().filter(is_short).ok_or_else(expected)?);
            }
            "enabled" => {
                change.enabled = Some(value.get().parse().map_err(|_| invalid("enabled", "true or false"))?);
            }
            other => more(other, value, &mut own)
                .unwrap_or_else(|| Err(invalid(&other.escape_debug().to_string(), members)))?,
        }
    }
    Ok((change, own))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    fn new(body: &str) -> Result<Subscription, String> {
        let id = SubscriptionId::parse("s-1").unwrap();
        let read = NewSubscription::read(body.as_bytes(), false).map_err(|problem| problem.detail)?;
        Ok(read.made(id, SigningSecret::new([1; 32]), "https://edge.example", NOW))
    }

    fn changed(of: &mut Subscription, body: &str, now: UnixMillis) {
        let change = Change::read(body.as_bytes(), false).unwrap();
        let secret = change.rotates.then(|| SigningSecret::new([9; 32]));
        change.make(of, secret, now);
    }

    #[test]
    fn what_is_left_out_is_sensible() {
        let made = new(r#"{"url":"https://crm.example/hook"}"#).unwrap();
        assert_eq!((made.since, made.is_active(), made.settings.form), (Some(NOW), true, Form::Event));
        assert!(made.settings.types.take("WHATEVER"));
        let view = made.view(NOW);
        assert_eq!((&view["state"], &view["notice"]), (&json!("active"), &Value::Null));
        assert!(!view.to_string().contains("whsec_"));
        assert_eq!(new(r#"{"url":"https://crm.example/hook","from":"beginning"}"#).unwrap().since, None);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (members, names) in [
            ("", "url: "),
            (r#""url":"http://crm.example""#, "url: "),
            (r#""url":1"#, "url: "),
            (r#""types":"COMPLETE""#, "types: "),
            (r#""types":[]"#, "types: "),
            (r#""types":[1]"#, "types: "),
            (r#""form":"xml""#, "form: "),
            (r#""enabled":"yes""#, "enabled: "),
            (r#""from":"then""#, "from: "),
            (r#""secret":"rotate""#, "secret: "),
            (r#""extra":1"#, "extra: "),
        ] {
            let body = match members.contains("url") || members.is_empty() {
                true => format!("{{{members}}}"),
                false => format!(r#"{{"url":"https://crm.example",{members}}}"#),
            };
            assert!(new(&body).unwrap_err().starts_with(names), "{body}: {:?}", new(&body));
        }
        let long = format!(r#"{{"url":"https://crm.example","description":"{}"}}"#, "a".repeat(201));
        assert!(new(&long).unwrap_err().starts_with("description: "));
        assert!(new("[]").unwrap_err().starts_with("expected a JSON object with url"));
        let secret = Change::read(br#"{"secret":"whsec_mine"}"#, false).unwrap_err();
        assert_eq!(secret.detail, "secret: expected rotate");
        assert!(Change::read(br#"{"from":"now"}"#, false).is_err());
    }

    #[test]
    fn for_a_day_both_secrets_sign() {
        let mut made = new(r#"{"url":"https://crm.example"}"#).unwrap();
        let old = made.settings.secret.clone();
        changed(&mut made, r#"{"secret":"rotate"}"#, NOW);
        assert_eq!(made.secrets(NOW), [&SigningSecret::new([9; 32]), &old]);
        assert_eq!(made.view(NOW)["previous_secret_until"], "2023-11-15T22:13:20.000Z");
        let later = NOW.plus(BOTH_MILLIS);
        assert_eq!(made.secrets(later).len(), 1);
        assert_eq!(made.view(later)["previous_secret_until"], Value::Null);
        let text = serde_json::to_string(&made.settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), made.settings);
    }

    #[test]
    fn other_types_are_for_what_is_written_down_from_then_on() {
        let mut made = new(r#"{"url":"https://crm.example","types":["A"]}"#).unwrap();
        let later = NOW.plus(9);
        changed(&mut made, r#"{"types":["B"]}"#, NOW);
        changed(&mut made, r#"{"types":["C"]}"#, later);
        let takes = |at| ["A", "B", "C"].map(|name| made.takes(name, at));
        assert_eq!(takes(UnixMillis(NOW.0 - 1)), [true, false, false]);
        assert_eq!(takes(NOW), [false, true, false]);
        assert_eq!(takes(later), [false, false, true]);
    }

    #[test]
    fn one_that_was_paused_goes_on_where_it_began_to_fail() {
        let mut made = new(r#"{"url":"https://crm.example"}"#).unwrap();
        assert!(!made.is_to_be_paused(NOW));
        made.failing_since = Some(NOW);
        let (before, then) = (NOW.plus(PAUSED_AFTER_MILLIS - 1), NOW.plus(PAUSED_AFTER_MILLIS));
        assert_eq!([before, then].map(|at| made.is_to_be_paused(at)), [false, true]);
        made.paused_at = Some(then);
        assert!(!made.is_active());
        assert_eq!(made.view(then)["state"], "paused");
        changed(&mut made, r#"{"description":"x"}"#, then);
        assert!(!made.is_active(), "that was not asked for");
        changed(&mut made, r#"{"enabled":true}"#, then);
        assert!(made.is_active());
        assert_eq!((made.resumed, made.failing_since, made.version), (Some((NOW, then)), None, 3));
        assert_eq!(made.settings.taken_up, then);
    }

    #[test]
    fn one_that_is_gone_says_so_until_it_is_wanted_again() {
        let mut made = new(r#"{"url":"https://crm.example"}"#).unwrap();
        (made.enabled, made.gone_at) = (false, Some(NOW));
        assert!(made.view(NOW)["notice"].as_str().unwrap().contains("410"));
        changed(&mut made, r#"{"enabled":true}"#, NOW);
        assert!(made.is_active() && made.gone_at.is_none());
        changed(&mut made, r#"{"enabled":false}"#, NOW);
        assert_eq!(
            (made.view(NOW)["state"].clone(), made.view(NOW)["notice"].clone()),
            (json!("disabled"), Value::Null)
        );
    }
}
