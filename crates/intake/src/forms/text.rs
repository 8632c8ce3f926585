//! A summary that one can paste into a note.

use std::fmt::Write;

use super::{
    linked::Linked,
    words::{self, limits},
};
use crate::{cell::Row, money::dollars, name::Name as N, table::Part, view::Intake, wording::carrier};

/// Longest line, in characters.
pub const WIDTH: usize = 78;

/// Lines, each broken where it would be longer than [`WIDTH`].
struct Note(String);

impl Note {
    /// A line of `text`, `indent` from the left; what is broken off stands two further in.
    fn line(&mut self, indent: usize, text: &str) {
        let mut column = 0;
        let mut start = indent;
        for word in text.split_whitespace() {
            let letters: Vec<char> = word.chars().filter(|letter| !letter.is_control()).collect();
            let mut rest = letters.as_slice();
            while !rest.is_empty() {
                let room = WIDTH - if column == 0 { start } else { (column + 1).min(WIDTH) };
                if column > 0 && rest.len() > room {
                    self.0.push('\n');
                    (column, start) = (0, indent + 2);
                    continue;
                }
                let (part, more) = rest.split_at(rest.len().min(room));
                let part: String = part.iter().collect();
                rest = more;
                let before = if column == 0 { " ".repeat(start) } else { " ".to_owned() };
                column += before.len() + part.chars().count();
                let _ = write!(self.0, "{before}{part}");
            }
        }
        self.0.push('\n');
    }

    fn heading(&mut self, text: &str) {
        self.0.push('\n');
        self.line(0, text);
    }

    /// What is said of one thing; nothing where nothing is.
    fn said<const PARTS: usize>(&mut self, parts: [Option<String>; PARTS]) {
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        if !text.is_empty() {
            self.line(2, &text);
        }
    }
}

/// The summary. `changes` are sentences of what is not as in the version before.
#[must_use]
pub fn note(intake: &Intake<'_>, changes: &[String]) -> String {
    let (model, linked) = (&intake.model, Linked::of(&intake.model));
    let mut note = Note(String::new());
    let pull = model.pull();
    let of = carrier(pull).map(|carrier| format!(" · {carrier}")).unwrap_or_default();
    note.line(0, &format!("Insurance intake{of} · as of {}", intake.day.iso()));
    note.line(0, &format!("Pull {}, version {}", pull.text(N::pull_id).unwrap_or("unknown"), intake.version));
    if let Some(contact) = model.part(Part::Contact).first() {
        self::contact(&mut note, contact);
    }
    let people: Vec<&Row<'_>> = model.part(Part::People).iter().collect();
    if !people.is_empty() {
        note.heading("PEOPLE");
    }
    for person in people {
        let texts = [N::date_of_birth, N::drivers_license, N::drivers_license_state]
            .map(|column| person.text(column));
        let born = texts[0].map(|born| format!("born {born}"));
        let licence = texts[1].map(|licence| {
            format!("licence {licence} {}", texts[2].unwrap_or_default()).trim_end().to_owned()
        });
        let relation = person.text(N::relationship_to_insured).map(words::words);
        note.said([words::person(person), relation, born, licence]);
    }
    for policy in model.part(Part::Policies) {
        self::policy(&mut note, &linked, policy);
    }
    let claims = model.part(Part::Claims);
    if !claims.is_empty() {
        note.heading("CLAIMS");
    }
    for claim in claims {
        let paid = claim.integer(N::payout_cents).map(|cents| format!("paid {}", dollars(cents)));
        let parts = [
            claim.text(N::date_occurred).map(str::to_owned),
            claim.text(N::type_).map(words::words),
            claim.text(N::status).map(words::words),
            paid,
        ];
        note.said(parts);
    }
    let open = words::talk(intake);
    list(&mut note, "WORTH A TALK", open.iter().map(|gap| format!("{} {}", gap.because, gap.closes)));
    list(&mut note, "SINCE THE VERSION BEFORE", changes.iter().cloned());
    let mut missing: Vec<String> = Vec::new();
    for it in &intake.missing {
        let text = if it.what == "rows" {
            words::words(it.part)
        } else {
            format!("{}: {}", words::words(it.part), words::words(it.what.trim_end_matches("_cents")))
        };
        if !missing.contains(&text) {
            missing.push(text);
        }
    }
    list(&mut note, "USUALLY ASKED, AND NOT THERE", missing.into_iter());
    note.0
}

fn list(note: &mut Note, heading: &str, items: impl Iterator<Item = String>) {
    let mut items = items.peekable();
    if items.peek().is_some() {
        note.heading(heading);
    }
    items.for_each(|item| note.line(2, &format!("- {item}")));
}

fn contact(note: &mut Note, contact: &Row<'_>) {
    note.heading("CONTACT");
    let texts = |columns: &[N], between: &str| {
        columns.iter().filter_map(|column| contact.text(*column)).collect::<Vec<_>>().join(between)
    };
    let mut phones: Vec<&str> = Vec::new();
    for phone in [N::phone, N::mobile_phone, N::home_phone, N::work_phone]
        .iter()
        .filter_map(|column| contact.text(*column))
    {
        if !phones.contains(&phone) {
            phones.push(phone);
        }
    }
    let address = |column| contact.object(column).map(words::address).unwrap_or_default();
    for line in [
        texts(&[N::first_name, N::middle_name, N::last_name], " "),
        texts(&[N::email], ""),
        phones.join(", "),
        address(N::mailing_address),
    ] {
        if !line.is_empty() {
            note.line(2, &line);
        }
    }
}

fn policy(note: &mut Note, linked: &Linked<'_, '_>, policy: &Row<'_>) {
    note.heading(&words::policy(policy));
    let term = policy.text(N::effective_date).zip(policy.text(N::expiry_date));
    note.said([
        policy.text(N::status).map(words::words),
        term.map(|(from, to)| format!("{from} to {to}")),
        policy.integer(N::total_premium_cents).map(|cents| format!("premium {}", dollars(cents))),
    ]);
    let insured = linked.insured(policy);
    if !insured.is_empty() {
        note.line(2, &format!("Insured: {}", insured.join(", ")));
    }
    for vehicle in linked.rows(Part::Vehicles, N::policy_id, policy) {
        let removed = if vehicle.is(N::is_removed) { " (removed)" } else { "" };
        let vin = vehicle.text(N::vin).map(|vin| format!(", VIN {vin}")).unwrap_or_default();
        note.line(2, &format!("{}{removed}{vin}", words::vehicle(vehicle)));
        let drivers = linked.drivers(vehicle);
        if !drivers.is_empty() {
            note.line(4, &format!("Drivers: {}", drivers.join(", ")));
        }
        coverages(note, linked, N::vehicle_id, vehicle);
    }
    for (part, by) in [(Part::Dwellings, N::dwelling_id), (Part::Locations, N::location_id)] {
        for place in linked.rows(part, N::policy_id, policy) {
            let address = place.object(N::address).map(words::address).filter(|address| !address.is_empty());
            note.line(2, &address.unwrap_or_else(|| words::words(part.as_str())));
            coverages(note, linked, by, place);
            for mortgagee in linked.rows(Part::Mortgagees, by, place) {
                note.line(
                    4,
                    &format!("Mortgagee: {}", mortgagee.text(N::mortgagee_name).unwrap_or("unnamed")),
                );
            }
        }
    }
    for life in linked.rows(Part::Life, N::policy_id, policy) {
        if let Some(cents) = life.integer(N::death_benefit_amount_cents) {
            note.line(2, &format!("Death benefit {}", dollars(cents)));
        }
    }
}

/// Coverages of one vehicle or place: those that say more than that they are there.
fn coverages(note: &mut Note, linked: &Linked<'_, '_>, by: N, row: &Row<'_>) {
    for coverage in linked.rows(Part::Coverages, by, row) {
        note.line(4, &format!("{}: {}", words::coverage(coverage), limits(coverage)));
    }
}

#[cfg(test)]
mod tests;
