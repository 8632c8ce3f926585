//! From a path as it is written to the module that defines what it names.

use std::collections::BTreeMap;

use super::graph::Import;
use super::rust::Module;

/// More re-exports in a row than anyone writes: a name that goes in circles.
const MAX_ALIASES: usize = 16;

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Module(usize),
    /// Something that this module defines.
    Item(usize),
}

/// Every import between modules of one crate. A module that only declares and re-exports is no party: who imports from
/// it imports from where the thing is defined.
pub fn imports(modules: &[Module]) -> Vec<Import> {
    let names = Names(modules);
    let mut imports = Vec::new();
    for (from, module) in modules.iter().enumerate().filter(|(_, module)| module.has_code) {
        for mention in &module.mentions {
            let to = match names.target(from, &mention.path, 0) {
                None => continue,
                Some(Target::Module(to)) if mention.is_glob && !modules[to].has_code => names.exported(to),
                Some(Target::Module(to) | Target::Item(to)) => vec![to],
            };
            for to in to.into_iter().filter(|to| *to != from && modules[*to].has_code) {
                imports.push(Import {
                    from: module.name.clone(),
                    to: modules[to].name.clone(),
                    at: format!("{}:{}", module.file.display(), mention.line),
                });
            }
        }
    }
    imports.extend(names.of_methods());
    imports
}

struct Names<'m>(&'m [Module]);

impl Names<'_> {
    /// What `path` leads to from within module `from`; `None` for what is not of this crate.
    fn target(&self, from: usize, path: &[String], depth: usize) -> Option<Target> {
        if depth > MAX_ALIASES {
            return None;
        }
        let mut at = from;
        for (index, name) in path.iter().enumerate() {
            at = match name.as_str() {
                "crate" => 0,
                "self" => at,
                "super" => self.0[at].parent?,
                name => match self.named(at, name, depth) {
                    Some(Target::Module(next)) => next,
                    Some(item) => return Some(item),
                    None if index == 0 => return None,
                    None => return Some(Target::Item(at)),
                },
            };
        }
        Some(Target::Module(at))
    }

    /// What `name` is within a module.
    fn named(&self, at: usize, name: &str, depth: usize) -> Option<Target> {
        let module = &self.0[at];
        if let Some(child) = module.children.get(name) {
            return Some(Target::Module(*child));
        }
        if module.items.contains(name) {
            return Some(Target::Item(at));
        }
        if let Some(path) = module.aliases.get(name) {
            return self.target(at, path, depth + 1);
        }
        let globs = module.mentions.iter().filter(|mention| mention.is_glob);
        globs.filter(|_| depth < MAX_ALIASES).find_map(|glob| {
            match self.target(at, &glob.path, depth + 1)? {
                Target::Module(of) => self.named(of, name, depth + 1),
                Target::Item(_) => None,
            }
        })
    }

    /// From where a type calls a method on itself to where that is defined: an `impl` may stand in any module.
    fn of_methods(&self) -> Vec<Import> {
        let mut defined: BTreeMap<(usize, &str, &str), usize> = BTreeMap::new();
        for (at, module) in self.0.iter().enumerate() {
            for method in &module.methods {
                if let Some((home, of)) = self.home(at, &method.of) {
                    defined.insert((home, of, &method.name), at);
                }
            }
        }
        let mut imports = Vec::new();
        for (at, module) in self.0.iter().enumerate() {
            for call in &module.calls {
                let Some((home, of)) = self.home(at, &call.of) else { continue };
                let to = defined.get(&(home, of, &call.name)).copied();
                imports.extend(to.filter(|to| *to != at).map(|to| Import {
                    from: module.name.clone(),
                    to: self.0[to].name.clone(),
                    at: format!("{}:{}", module.file.display(), call.line),
                }));
            }
        }
        imports
    }

    /// The module that defines a type, and its name.
    fn home<'p>(&self, at: usize, of: &'p [String]) -> Option<(usize, &'p str)> {
        match self.target(at, of, 0)? {
            Target::Item(home) => Some((home, of.last()?)),
            Target::Module(_) => None,
        }
    }

    /// The modules that define what this one re-exports.
    fn exported(&self, at: usize) -> Vec<usize> {
        let targets = self.0[at].mentions.iter().filter_map(|mention| self.target(at, &mention.path, 0));
        targets.map(|(Target::Module(of) | Target::Item(of))| of).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{graph::cycles, rust};
    use super::*;

    /// Each import of a crate of these files, as `from > to @ file:line`.
    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let text = |path: &Path| {
            let file = files.iter().find(|(name, _)| Path::new(name) == path);
            file.map(|(_, text)| (*text).to_owned())
        };
        let imports = imports(&rust::modules(Path::new("lib.rs"), &text).unwrap());
        imports.iter().map(|Import { from, to, at }| format!("{from} > {to} @ {at}")).collect()
    }

    #[test]
    fn a_name_is_seen_in_an_import_a_path_and_a_macro() {
        let a = "use crate::{b::{self, B}, c};\nfn a() {\n    b::b();\n    let _ = super::d::D;\n    assert!(c::C == 1);\n}";
        let files = [
            ("lib.rs", "mod a;\nmod b;\nmod c;\nmod d;"),
            ("a.rs", a),
            ("b.rs", "pub struct B;\npub fn b() {}"),
            ("c.rs", "pub const C: u8 = 1;"),
            ("d/mod.rs", "pub const D: u8 = 1;"),
        ];
        let expected = [
            "crate::a > crate::b @ a.rs:1",
            "crate::a > crate::b @ a.rs:1",
            "crate::a > crate::c @ a.rs:1",
            "crate::a > crate::b @ a.rs:3",
            "crate::a > crate::d @ a.rs:4",
            "crate::a > crate::c @ a.rs:5",
        ];
        assert_eq!(found(&files), expected);
    }

    #[test]
    fn a_re_export_leads_to_where_the_thing_is_defined() {
        let files = [
            ("lib.rs", "pub mod a;"),
            ("a/mod.rs", "mod b;\nmod c;\npub use b::B;\npub use c::*;"),
            ("a/b.rs", "use super::C as Other;\npub struct B;"),
            ("a/c.rs", "use super::B;\nuse crate::a::B as Again;\npub struct C;"),
        ];
        let expected = [
            "crate::a::b > crate::a::c @ a/b.rs:1",
            "crate::a::c > crate::a::b @ a/c.rs:1",
            "crate::a::c > crate::a::b @ a/c.rs:2",
        ];
        assert_eq!(found(&files), expected);
    }

    #[test]
    fn a_parent_with_code_of_its_own_is_a_party() {
        let files = [
            ("lib.rs", "mod a;"),
            ("a.rs", "mod b;\npub struct A;\npub fn a() {\n    b::b()\n}"),
            ("a/b.rs", "use super::A;\npub fn b() {}"),
        ];
        let expected = ["crate::a > crate::a::b @ a.rs:4", "crate::a::b > crate::a @ a/b.rs:1"];
        assert_eq!(found(&files), expected);
    }

    #[test]
    fn tests_visibilities_and_other_crates_are_no_imports() {
        let a = "use std::fmt;\nuse serde::Serialize;\npub(in crate::b) fn a() -> fmt::Result {\n    Ok(())\n}\n\
            #[cfg(test)]\nuse crate::b::B;\n#[cfg(test)]\nmod tests {\n    use crate::b::B;\n}\n\
            impl A {\n    #[cfg(test)]\n    fn b() -> crate::b::B {}\n}";
        let files = [("lib.rs", "mod a;\nmod b;"), ("a.rs", a), ("b.rs", "pub struct B;")];
        assert_eq!(found(&files), Vec::<String>::new());
    }

    #[test]
    fn a_method_is_used_where_a_type_calls_it_on_itself() {
        let a = "pub struct A;\nimpl A {\n    fn a(&self) {\n        self.b();\n        self.a();\n        Self::c();\n        other.b();\n    }\n}";
        let b = "use crate::a::A;\nimpl A {\n    pub fn b(&self) {}\n    pub fn c() {}\n}\nstruct B;\nimpl B {\n    fn a(&self) {\n        self.b();\n    }\n}";
        let expected =
            ["crate::b > crate::a @ b.rs:1", "crate::a > crate::b @ a.rs:4", "crate::a > crate::b @ a.rs:6"];
        assert_eq!(found(&[("lib.rs", "mod a;\nmod b;"), ("a.rs", a), ("b.rs", b)]), expected);
    }

    #[test]
    fn an_inline_module_is_one_of_its_own() {
        let text = "mod a {\n    pub struct A;\n    fn f(_: super::b::B) {}\n}\nmod b {\n    pub struct B;\n    use super::a::A;\n}";
        let expected = ["crate::a > crate::b @ lib.rs:3", "crate::b > crate::a @ lib.rs:7"];
        assert_eq!(found(&[("lib.rs", text)]), expected);
    }

    #[test]
    fn a_cycle_of_a_crate_is_found() {
        let text = |path: &Path| {
            let text = match path.to_str()? {
                "lib.rs" => "mod a;\nmod b;\nmod c;",
                "a.rs" => "use crate::b::B;\npub struct A;",
                "b.rs" => "use crate::c::C;\npub struct B;",
                "c.rs" => "pub struct C(crate::a::A);",
                _ => return None,
            };
            Some(text.to_owned())
        };
        let cycles = cycles(&imports(&rust::modules(Path::new("lib.rs"), &text).unwrap()));
        assert_eq!(cycles.len(), 1);
        assert!(cycles[0].to_string().starts_with("crate::a → crate::b → crate::c → crate::a\n"));
    }
}
