//! `affiant rule`: the rules, from their own documentation.

use std::io::Write as _;

use affiant_rules::{RULES, rule};
use anyhow::bail;
use clap::{Args, Subcommand};

use crate::exit::Exit;

#[derive(Debug, Args)]
pub(crate) struct RuleArgs {
    #[command(subcommand)]
    pub(crate) verb: RuleVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RuleVerb {
    /// List the rules.
    List,
    /// Explain one rule.
    Explain {
        /// The rule's id, as in `affiant rule list`.
        #[arg(value_name = "RULE")]
        id: String,
    },
}

/// Lists or explains.
pub(crate) fn run(args: &RuleArgs) -> anyhow::Result<Exit> {
    let mut out = std::io::stdout().lock();
    match &args.verb {
        RuleVerb::List => {
            let width = RULES.iter().map(|r| r.id.len()).max().unwrap_or(0);
            for r in RULES {
                writeln!(out, "{:width$}  up to {:9}  {}", r.id, severity(r.severity), r.title)?;
            }
        }
        RuleVerb::Explain { id } => {
            let Some(r) = rule(id) else {
                let known: Vec<&str> = RULES.iter().map(|r| r.id).collect();
                bail!("there is no rule '{}': choose from {}", id.escape_debug(), known.join(", "));
            };
            writeln!(out, "{}\n", r.doc.trim())?;
            writeln!(out, "Rule {} version {}, severity up to {}.", r.id, r.version, severity(r.severity))?;
            let bears = affiant_rules::theories::of_rule(r.id);
            if !bears.is_empty() {
                writeln!(out, "Bears on (theories, no legal advice): {}.", bears.join(", "))?;
            }
        }
    }
    out.flush()?;
    Ok(Exit::Nothing)
}

fn severity(s: affiant_rules::judgement::Severity) -> String {
    serde_json::to_value(s).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
