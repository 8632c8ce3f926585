//! Members of JSON that are looked at one by one, the rest skipped unread.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::{Value, value::RawValue};

/// What the fold looks at in a webhook's `data`, of all event types together. However large the rest is, it is
/// neither copied nor taken apart.
#[derive(Default, Deserialize)]
pub(crate) struct Data<'a> {
    #[serde(borrow)]
    pub auth_status: Option<&'a RawValue>,
    #[serde(borrow)]
    pub sequence: Option<&'a RawValue>,
    #[serde(borrow)]
    pub login_error_message: Option<&'a RawValue>,
    #[serde(borrow)]
    pub mfa_options: Option<&'a RawValue>,
    #[serde(borrow)]
    pub identity_verification_options: Option<&'a RawValue>,
    #[serde(borrow)]
    pub options: Option<&'a RawValue>,
    #[serde(borrow)]
    pub policy_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub policy_type: Option<&'a RawValue>,
    #[serde(borrow)]
    pub reconnect_url: Option<&'a RawValue>,
    #[serde(borrow)]
    pub servicing_action_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub status: Option<&'a RawValue>,
    #[serde(borrow)]
    pub completed_at: Option<&'a RawValue>,
}

/// Reads an object's members in the same pass as what stands around it; anything but an object has none.
pub(crate) fn tolerant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Data<'de>, D::Error> {
    deserializer.deserialize_any(Tolerant)
}

struct Tolerant;

impl<'de> Visitor<'de> for Tolerant {
    type Value = Data<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Data<'de>, A::Error> {
        Data::deserialize(MapAccessDeserializer::new(map))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Data<'de>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Data::default())
    }

    fn visit_unit<E>(self) -> Result<Data<'de>, E> {
        Ok(Data::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Data<'de>, E> {
        Ok(Data::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Data<'de>, E> {
        Ok(Data::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Data<'de>, E> {
        Ok(Data::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Data<'de>, E> {
        Ok(Data::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Data<'de>, E> {
        Ok(Data::default())
    }
}

/// A member that is text.
pub(crate) fn text(raw: Option<&RawValue>) -> Option<String> {
    serde_json::from_str(raw?.get()).ok()
}

/// A member as it is; null when there is none.
pub(crate) fn value(raw: Option<&RawValue>) -> Value {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}
