//! The browser of the page tests: one that is there, else the chromium of Debian's package manager.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::apt;

/// Each may name the program of a browser.
const VARIABLES: [&str; 2] = ["CANOPY_EDGE_BROWSER", "CHROME_BIN"];
/// What it is called on the PATH.
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
/// A browser without any font draws boxes in the place of letters.
const PACKAGES: [&str; 2] = ["chromium", "fonts-liberation"];

const ADVICE: &str = "the page tests need a browser: install Chromium or Google Chrome, or let Playwright fetch one \
    (`npx playwright-core install --with-deps chromium`), or set CANOPY_EDGE_BROWSER to the program of one";

/// Finds a browser, or installs one; the path of its program.
pub fn ensure_browser() -> Result<PathBuf> {
    for variable in VARIABLES {
        if let Some(program) = env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from) {
            if !runs(&program) {
                bail!("{variable} names {}, which does not run as a browser", program.display());
            }
            return Ok(program);
        }
    }
    if let Some(program) = installed() {
        return Ok(program);
    }
    apt::install("chromium", &PACKAGES, ADVICE)?;
    installed().with_context(|| format!("what apt-get installed does not run; {ADVICE}"))
}

/// The first installed browser that runs.
fn installed() -> Option<PathBuf> {
    let on_path = on_path(&NAMES, &env::var_os("PATH").unwrap_or_default());
    let playwright = playwright_cache().map(|cache| in_playwright_cache(&cache)).unwrap_or_default();
    on_path.into_iter().chain(in_usual_places()).chain(playwright).find(|program| runs(program))
}

/// A distribution may put a script there that only says how to get the browser, so it is asked. On Windows, asking
/// would open a window.
pub fn runs(program: &Path) -> bool {
    if cfg!(windows) {
        return program.is_file();
    }
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    output.is_ok_and(|output| output.status.success() && says_version(&output.stdout))
}

/// `Chromium 131.0.6778.85`, `Google Chrome 131.0.6778.85`, …
fn says_version(output: &[u8]) -> bool {
    let text = String::from_utf8_lossy(output);
    text.split_whitespace().any(|word| word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit()))
}

/// The programs of these `names` on the `path`, the first name first.
pub fn on_path(names: &[&str], path: &OsStr) -> Vec<PathBuf> {
    let named: Vec<String> = names.iter().map(|name| format!("{name}{}", env::consts::EXE_SUFFIX)).collect();
    let directories: Vec<PathBuf> = env::split_paths(path).collect();
    let places = named.iter().flat_map(|name| directories.iter().map(move |directory| directory.join(name)));
    places.filter(|program| program.is_file()).collect()
}

/// Where macOS and Windows keep it, off the PATH. Windows always has Edge.
fn in_usual_places() -> Vec<PathBuf> {
    let below = |variables: &[&str], programs: &[&str]| {
        let roots: Vec<PathBuf> = variables.iter().filter_map(env::var_os).map(PathBuf::from).collect();
        programs.iter().flat_map(|program| roots.iter().map(move |root| root.join(program))).collect()
    };
    let mut places: Vec<PathBuf> = Vec::new();
    if cfg!(target_os = "macos") {
        let programs = [
            "Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            "Applications/Chromium.app/Contents/MacOS/Chromium",
        ];
        places.extend(programs.map(|program| Path::new("/").join(program)));
        places.extend::<Vec<_>>(below(&["HOME"], &programs));
    } else if cfg!(windows) {
        places = below(
            &["ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"],
            &["Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe"],
        );
    }
    places.retain(|program| program.is_file());
    places
}

fn playwright_cache() -> Option<PathBuf> {
    let chosen = env::var_os("PLAYWRIGHT_BROWSERS_PATH").filter(|value| !value.is_empty() && value != "0");
    chosen.map(PathBuf::from).or_else(|| Some(usual_cache()?.join("ms-playwright")))
}

/// Where programs keep what they can fetch again.
fn usual_cache() -> Option<PathBuf> {
    if cfg!(windows) {
        return env::var_os("LOCALAPPDATA").map(PathBuf::from);
    }
    if cfg!(target_os = "macos") {
        return Some(env::home_dir()?.join("Library/Caches"));
    }
    let chosen = env::var_os("XDG_CACHE_HOME").filter(|value| !value.is_empty()).map(PathBuf::from);
    chosen.or_else(|| Some(env::home_dir()?.join(".cache")))
}

/// `chromium-1228/chrome-linux64/chrome` and its like on other systems, the newest first.
fn in_playwright_cache(cache: &Path) -> Vec<PathBuf> {
    const PROGRAMS: [&str; 9] = [
        "chrome-linux64/chrome",
        "chrome-linux/chrome",
        "chrome-headless-shell-linux64/chrome-headless-shell",
        "chrome-linux/headless_shell",
        "chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
        "chrome-mac-x64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
        "chrome-mac/Chromium.app/Contents/MacOS/Chromium",
        "chrome-win64/chrome.exe",
        "chrome-win/chrome.exe",
    ];
    let mut revisions: Vec<(u32, PathBuf)> = fs::read_dir(cache)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let directory = entry.ok()?.path();
            let (name, revision) = directory.file_name()?.to_str()?.rsplit_once('-')?;
            let revision = revision.parse().ok()?;
            matches!(name, "chromium" | "chromium_headless_shell").then_some((revision, directory))
        })
        .collect();
    revisions.sort_by(|a, b| b.cmp(a));
    let places = revisions.iter().flat_map(|(_, directory)| PROGRAMS.map(|program| directory.join(program)));
    places.filter(|program| program.is_file()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    /// A directory with an empty file at each of `paths`, for the time of a test.
    struct Files(PathBuf);

    impl Files {
        fn new(name: &str, paths: &[&str]) -> Self {
            let root = env::temp_dir().join(format!("canopy-edge-{name}-{}", std::process::id()));
            for path in paths {
                let file = root.join(path);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, "").unwrap();
            }
            Self(root)
        }
    }

    impl Drop for Files {
        fn drop(&mut self) {
            workspace::remove_directory(&self.0).unwrap();
        }
    }

    #[test]
    fn a_browser_says_its_version_and_a_script_that_gives_advice_does_not() {
        assert!(says_version(b"Chromium 131.0.6778.85 built on Debian 12\n"));
        assert!(says_version(b"Google Chrome 131.0.6778.85 \n"));
        assert!(!says_version(b"Command '/usr/bin/chromium-browser' requires the chromium snap.\n"));
        assert!(!says_version(b""));
    }

    #[test]
    fn the_newest_browser_of_playwright_comes_first() {
        let cache = Files::new(
            "playwright",
            &[
                "chromium-999/chrome-linux/chrome",
                "chromium-1228/chrome-linux64/chrome",
                "firefox-1500/chrome-linux/chrome",
                "chromium-1300/INSTALLATION_FAILED",
            ],
        );
        let found = in_playwright_cache(&cache.0);
        let expected = ["chromium-1228/chrome-linux64/chrome", "chromium-999/chrome-linux/chrome"];
        assert_eq!(found, expected.map(|path| cache.0.join(path)));
        assert!(in_playwright_cache(Path::new("/no/such/directory")).is_empty());
    }

    #[test]
    fn chromium_is_taken_from_the_path_before_chrome() {
        let name = |name: &str| format!("{name}{}", env::consts::EXE_SUFFIX);
        let files = Files::new(
            "path",
            &[&format!("a/{}", name("google-chrome")), &format!("b/{}", name("chromium")), "b/firefox"],
        );
        let path = env::join_paths(["a", "b"].map(|directory| files.0.join(directory))).unwrap();
        let expected =
            [files.0.join("b").join(name("chromium")), files.0.join("a").join(name("google-chrome"))];
        assert_eq!(on_path(&NAMES, &path), expected);
    }

    #[test]
    fn a_program_that_is_no_browser_is_not_taken_for_one() {
        assert!(!runs(Path::new("/no/such/browser")));
    }
}
