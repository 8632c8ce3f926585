//! Files that consumers upload: kept in parts, shown among the answers of their pull.

use serde_json::{Value, json};

use crate::{
    contract, ids,
    rows::{File, Part, Pull},
    world::World,
};

/// Bytes of a part. A row of storage holds at most 2 MB
/// (<https://developers.cloudflare.com/durable-objects/platform/limits/>).
const PART_BYTES: usize = 1 << 20;

impl World {
    /// Keeps a file as the next one of its pull.
    pub fn keep_file(&mut self, pull_id: &str, name: String, content_type: String, bytes: &[u8]) {
        let file_id = ids::random_uuid();
        self.parts.extend((0..).zip(bytes.chunks(PART_BYTES)).map(|(number, piece)| Part {
            file_id: file_id.clone(),
            number,
            bytes: piece.to_vec(),
        }));
        let file = File {
            number: self.files_of(pull_id).len(),
            file_id: file_id.clone(),
            pull_id: pull_id.to_owned(),
            answer_id: answer_id(pull_id),
            name,
            content_type,
            size: bytes.len(),
        };
        self.files.insert(file_id, file);
    }

    /// Adds the uploaded files of a pull to the answers in its body.
    pub(crate) fn add_uploads(&self, pull_id: &str, body: &mut Value) {
        let files = self.files_of(pull_id);
        if files.is_empty() {
            return;
        }
        let url = |file: &File| {
            let Pull { origin, team_id, .. } = self.pulls.get(pull_id)?;
            let (answer_id, file_id) = (&file.answer_id, &file.file_id);
            let base = contract::BASE;
            Some(format!(
                "{origin}{base}/teams/{team_id}/pulls/{pull_id}/answers/{answer_id}/files/{file_id}"
            ))
        };
        let shown = |file: &&File| {
            json!({
                "name": file.name,
                "size": file.size,
                "type": file.content_type,
                "file_id": file.file_id,
                "download_url": url(file),
            })
        };
        let section = json!({
            "consumer_flow_section_id": ids::derived_uuid(&[pull_id, "uploads"]),
            "fields": [{
                "consumer_flow_section_field_id": answer_id(pull_id),
                "label": "Insurance documents",
                "meta": {},
                "type": "FILE_UPLOAD",
                "value": files.iter().map(shown).collect::<Value>(),
            }],
        });
        if let Some(answers) = body["answers"].as_array_mut() {
            answers.push(section);
        }
    }

    fn files_of(&self, pull_id: &str) -> Vec<&File> {
        let mut files: Vec<&File> = self.files.values().filter(|file| file.pull_id == pull_id).collect();
        files.sort_by_key(|file| file.number);
        files
    }
}

/// The answer that the files of a pull were uploaded to.
fn answer_id(pull_id: &str) -> String {
    ids::derived_uuid(&[pull_id, "uploads", "field"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_large_file_is_kept_in_parts_that_make_it_whole() {
        let mut world = World::new(Config::read(|_| None));
        let bytes: Vec<u8> = (0..PART_BYTES * 2 + 7).map(|at| (at % 251) as u8).collect();
        world.keep_file("p", "a.pdf".into(), "application/pdf".into(), &bytes);
        let parts = world.take_parts();
        assert_eq!(
            parts.iter().map(|part| part.bytes.len()).collect::<Vec<_>>(),
            [PART_BYTES, PART_BYTES, 7]
        );
        assert_eq!(parts.into_iter().flat_map(|part| part.bytes).collect::<Vec<_>>(), bytes);
        assert!(world.take_parts().is_empty());
    }
}
