//! Each file is read, its example configures it, and its page says all of it.

use std::{fs, path::Path};

use crate::{
    definition::{Group, Known},
    field::{self, Type},
    gallery::{FILES, Ready, all},
    instance::is_id,
};

fn group(ready: &Ready) -> Group {
    let secrets =
        ready.example.secrets.iter().map(|name| (name.clone(), "service.example".to_owned())).collect();
    let known = Known { secrets: Some(&secrets), ..Known::NOTHING };
    Group::read(&ready.definition, &known).unwrap_or_else(|problems| panic!("{}: {problems:#?}", ready.name))
}

#[test]
fn each_is_read_and_its_example_configures_it() {
    for text in FILES {
        let ready = Ready::read(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let group = group(&ready);
        assert!(is_id(&ready.name), "{}", ready.name);
        assert_eq!((&ready.title, Some(&ready.description)), (&group.title, group.description.as_ref()));
        let config = field::check(&group.config, &ready.example.config, "/config");
        let config = config.unwrap_or_else(|problems| panic!("{}: {problems:#?}", ready.name));
        let secrets = group.config.iter().filter(|(_, field)| field.kind == Type::Secret);
        let mut named: Vec<_> = secrets.filter_map(|(name, _)| config[name].as_str()).collect();
        let mut listed: Vec<_> = ready.example.secrets.iter().map(String::as_str).collect();
        named.sort_unstable();
        listed.sort_unstable();
        assert_eq!(named, listed, "{}", ready.name);
    }
    assert_eq!(all().len(), FILES.len(), "each has a name of its own");
}

#[test]
fn each_value_has_a_title_and_stands_on_the_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for ready in all().values() {
        let page = fs::read_to_string(root.join(&ready.documentation))
            .unwrap_or_else(|error| panic!("{}: {error}", ready.documentation));
        assert!(page.starts_with(&format!("# {}\n", ready.title)), "{}", ready.name);
        for (name, field) in group(ready).config {
            assert!(field.title.is_some(), "{}: {name}", ready.name);
            assert!(page.contains(&format!("| `{name}` |")), "{}: {name} is not on its page", ready.name);
        }
    }
}
