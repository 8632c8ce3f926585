//! The imports of JavaScript modules: those of a path, in a statement or a call.

use std::path::{Component, Path, PathBuf};

use super::graph::Import;

/// What `file` with this `text` imports by a relative path.
pub fn imports(file: &Path, text: &str) -> Vec<Import> {
    let mut imports = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if line.starts_with("//") || line.starts_with('*') || line.starts_with("/*") {
            continue;
        }
        for path in ["from ", "import ", "import("].iter().flat_map(|word| quoted_after(line, word)) {
            if path.starts_with("./") || path.starts_with("../") {
                let to = normal(&file.with_file_name(path));
                imports.push(Import {
                    from: file.display().to_string(),
                    to: to.display().to_string(),
                    at: format!("{}:{}", file.display(), index + 1),
                });
            }
        }
    }
    imports
}

/// What is quoted right after each `word`.
fn quoted_after<'l>(line: &'l str, word: &str) -> impl Iterator<Item = &'l str> {
    line.split(word).skip(1).filter_map(|rest| {
        let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        rest[1..].split(quote).next()
    })
}

fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_and_calls_are_seen_and_comments_and_packages_are_not() {
        let text = "import a from \"./a.js\";\nimport './b.js';\nexport {\n  c,\n} from \"../c.js\";\nconst d = await import(\"./d.js\");\n\
            // import e from \"./e.js\";\n/** @type {import(\"./f.js\").F} */\nimport g from \"g\";\n";
        let imports = imports(Path::new("x/y/z.js"), text);
        let seen: Vec<(&str, &str)> = imports.iter().map(|it| (it.to.as_str(), it.at.as_str())).collect();
        let expected = [
            ("x/y/a.js", "x/y/z.js:1"),
            ("x/y/b.js", "x/y/z.js:2"),
            ("x/c.js", "x/y/z.js:5"),
            ("x/y/d.js", "x/y/z.js:6"),
        ];
        assert_eq!(seen, expected);
    }
}
