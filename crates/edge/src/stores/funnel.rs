//! D1: how far visitors come.

use canopy::{
    funnel::{FunnelCursor, FunnelQuery, KNOWN_DAYS, MAX_KNOWN_LINKS, MAX_LINKS, OTHER, Report, shown},
    paging,
    schedule::Day,
};
use js_sys::Array;
use serde_json::{Value, json};
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

use super::d1::AGENCY;
use crate::platform::{self, Row, Thrown};

/// Counts a report. Of a day's links so many have a name of their own, and more where they are known of the days before; the next ones are
/// counted together. Links are counted one seek of the key each, as a day has many rows of one.
pub async fn add(env: &Env, day: Day, report: &Report) -> Result<(), Thrown> {
    const ADD: &str = "
        WITH RECURSIVE links (link) AS (
          SELECT (SELECT link FROM funnel WHERE day = ?1 ORDER BY link LIMIT 1)
          UNION ALL
          SELECT (SELECT link FROM funnel WHERE day = ?1 AND link > links.link ORDER BY link LIMIT 1) FROM links
          WHERE link IS NOT NULL LIMIT ?4 + 1),
        named AS (SELECT CASE
          WHEN EXISTS (SELECT 1 FROM funnel WHERE day = ?1 AND link = ?2)
            OR (SELECT count(link) FROM links WHERE link <> ?5) < CASE
              WHEN EXISTS (SELECT 1 FROM json_each(?6) AS known CROSS JOIN funnel ON day = known.value AND link = ?2) THEN ?4 ELSE ?3 END
            THEN ?2 ELSE ?5 END AS link)
        INSERT INTO funnel (day, link, stage, outcome, count, duration_ms)
        SELECT ?1, named.link, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM named, json_each(?7) WHERE true
        ON CONFLICT (day, link, stage, outcome) DO UPDATE SET
          count = count + excluded.count, duration_ms = duration_ms + excluded.duration_ms";
    let known: Vec<Day> = (1..=KNOWN_DAYS).filter_map(|days| day.before(days)).collect();
    let bindings: [JsValue; 8] = [
        ADD.into(),
        day.to_string().into(),
        report.link.as_str().into(),
        MAX_LINKS.into(),
        MAX_KNOWN_LINKS.into(),
        OTHER.into(),
        json!(known).to_string().into(),
        report.rows().into(),
    ];
    platform::write_all(&platform::binding(env, AGENCY)?, vec![Array::from_iter(bindings)]).await?;
    Ok(())
}

/// A page of days and links, the newest day first, and the cursor of the next.
pub async fn page(env: &Env, query: &FunnelQuery) -> Result<(Vec<Value>, Option<String>), Thrown> {
    let bindings = Array::of2(&query.from.to_string().into(), &query.to.to_string().into());
    let bind = |value: JsValue| format!("?{}", bindings.push(&value));
    let mut conditions = String::new();
    if let Some(link) = &query.link {
        conditions += &format!(" AND link = {}", bind(link.as_str().into()));
    }
    if let Some(FunnelCursor { day, link }) = &query.after {
        let (day, link) = (bind(day.to_string().into()), bind(link.as_str().into()));
        conditions += &format!(" AND (day < {day} OR (day = {day} AND link > {link}))");
    }
    let limit = bind((query.limit + 1).into());
    let text = format!(
        "SELECT day, link, json_group_array(json_array(stage, outcome, count, duration_ms)) FROM funnel
         WHERE day BETWEEN ?1 AND ?2{conditions} GROUP BY day, link ORDER BY day DESC, link LIMIT {limit}"
    );
    let found: Array =
        platform::select(&platform::binding(env, AGENCY)?, &text, bindings).await?.unchecked_into();
    let row = |row: JsValue| {
        let row = Row::of(row.unchecked_into());
        Some((row.text(0)?, row.text(1)?, row.text(2)?))
    };
    let found: Vec<_> = found.iter().filter_map(row).collect();
    let cursor = |(day, link, _): &(String, String, String)| {
        let day = Day::parse(day).map(|day| FunnelCursor { day, link: link.clone() });
        day.map(|cursor| cursor.to_string()).unwrap_or_default()
    };
    let (found, cursor) = paging::page(found, query.limit, cursor);
    Ok((found.iter().map(|(day, link, rows)| shown(day, link, rows)).collect(), cursor))
}

/// Lets go of what is of a day before `day`.
pub async fn let_go(env: &Env, day: Day) -> Result<(), Thrown> {
    let statement = Array::of2(&"DELETE FROM funnel WHERE day < ?1".into(), &day.to_string().into());
    platform::write_all(&platform::binding(env, AGENCY)?, vec![statement]).await?;
    Ok(())
}
