//! `cargo xtask webhook remove`.

use std::io::{IsTerminal, Write, stderr, stdin};

use anyhow::{Result, bail, ensure};
use serde_json::Value;

use super::listed;
use super::registry::{Registry, Team};

/// The webhook that is meant.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// The address that it is registered for.
    #[arg(long)]
    url: Option<String>,
    /// Its id, as `cargo xtask webhook list` shows it.
    #[arg(long)]
    id: Option<String>,
}

pub fn run(team: &Team, which: &Which, yes: bool) -> Result<()> {
    ensure!(
        yes || stdin().is_terminal(),
        "nobody can be asked here: --yes removes the webhook without asking"
    );
    let registry = Registry::of(team)?;
    let webhooks = registry.webhooks()?;
    let webhook = meant(&webhooks, which)?;
    let (id, url) = (listed::id(webhook), listed::url(webhook));
    if !yes {
        println!("{}", listed::line(webhook));
        ensure!(is_confirmed()?, "nothing was removed");
    }
    registry.remove(id)?;
    println!("Removed webhook {id}, {url}: Canopy sends it nothing more.");
    println!("If CANOPY_WEBHOOK_SIGNING_SECRET holds another secret too, take this webhook's out of it.");
    Ok(())
}

/// The one webhook that `which` names.
fn meant<'list>(webhooks: &'list [Value], which: &Which) -> Result<&'list Value> {
    let is_meant = |webhook: &&Value| match which {
        Which { id: Some(id), .. } => webhook["webhook_id"] == id.as_str(),
        Which { url, .. } => url.as_ref().is_some_and(|url| listed::is_at(webhook, url)),
    };
    let found: Vec<&Value> = webhooks.iter().filter(is_meant).collect();
    let lines = |webhooks: &[&Value]| -> String {
        webhooks.iter().map(|webhook| format!("\n  {}", listed::line(webhook))).collect()
    };
    match found[..] {
        [webhook] => Ok(webhook),
        [] if webhooks.is_empty() => bail!("no webhook is registered"),
        [] => bail!("no such webhook; registered are:{}", lines(&webhooks.iter().collect::<Vec<_>>())),
        _ => bail!("several webhooks are registered there: name one by its --id:{}", lines(&found)),
    }
}

fn is_confirmed() -> Result<bool> {
    write!(stderr(), "Remove it? Canopy then sends it nothing more. [y/N] ")?;
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    Ok(is_yes(&answer))
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn url(url: &str) -> Which {
        Which { url: Some(url.to_owned()), id: None }
    }

    fn id(id: &str) -> Which {
        Which { url: None, id: Some(id.to_owned()) }
    }

    #[test]
    fn one_webhook_is_meant_or_the_error_says_which_there_are() {
        let webhooks = [
            json!({"webhook_id": "w1", "url": "https://a.example/hook"}),
            json!({"webhook_id": "w2", "url": "https://b.example/hook"}),
            json!({"webhook_id": "w3", "url": "https://b.example/hook"}),
        ];
        assert_eq!(meant(&webhooks, &url("https://a.example/hook")).unwrap()["webhook_id"], "w1");
        assert_eq!(meant(&webhooks, &id("w3")).unwrap()["webhook_id"], "w3");
        let error = |which| meant(&webhooks, &which).unwrap_err().to_string();
        let several = error(url("https://b.example/hook"));
        assert!(several.contains("by its --id:\n  w2") && several.contains("\n  w3"), "{several}");
        for unknown in [error(url("https://c.example/hook")), error(id("w4")), error(id(""))] {
            assert_eq!(unknown.lines().count(), 4, "{unknown}");
        }
        assert_eq!(meant(&[], &id("w1")).unwrap_err().to_string(), "no webhook is registered");
    }

    #[test]
    fn only_a_yes_is_one() {
        assert!(["y\n", "Yes\r\n", " y "].into_iter().all(is_yes));
        assert!(!["", "\n", "n\n", "yes please\n"].into_iter().any(is_yes));
    }
}
