//! `affiant watch`: the sites that are watched, when they are audited, and who is told what is new.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use affiant_engine::{
    AuditRequest, ChannelKind, DEFAULT_PAGES, NewProperty, NewSchedule, add_property, audit_property, channel,
};
use affiant_store::{Jobs, Place, Store};
use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::args::{Asked, StoreArgs, TableAs, VantageName, scenario};
use crate::commands::audit::scenarios;
use crate::config::Config;
use crate::exit::Exit;
use crate::table::{Table, time};
use crate::{kept as stores, list};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    affiant watch add https://www.example.com --name 'The shop' --cron '0 3 * * *' --zone Europe/Vienna\n  \
    affiant watch channel add --email privacy@example.com\n  \
    affiant worker")]
pub(crate) struct WatchArgs {
    #[command(subcommand)]
    pub(crate) verb: WatchVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WatchVerb {
    /// Watch a site.
    Add(Box<AddArgs>),
    /// The sites that are watched: when the last audit was, and when the next is.
    List(ListArgs),
    /// Watch a site no more. Its audits stay.
    Remove(OneArgs),
    /// Audit a site now: it is put in for workers.
    Run(OneArgs),
    /// Who is told what is new.
    Channel(ChannelArgs),
    /// What was told.
    Alerts(AlertsArgs),
}

#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// Address of the site.
    #[arg(value_name = "URL", required_unless_present = "request")]
    pub(crate) url: Option<String>,
    /// Its name for people. Default: its domain.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// When it is audited, as a cron line: minute hour day month weekday. Without it: when somebody asks for it.
    #[arg(long, value_name = "LINE")]
    pub(crate) cron: Option<String>,
    /// The time zone that the line is meant in.
    #[arg(long, value_name = "ZONE", default_value = "UTC", requires = "cron")]
    pub(crate) zone: String,
    /// Pages each scenario visits at most. Default: 5.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) pages: Option<u32>,
    /// Consent scenarios, as `affiant audit` takes them.
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = scenario)]
    pub(crate) scenario: Vec<Asked>,
    /// Where the visitor is said to be.
    #[arg(long, value_enum, value_name = "NAME", default_value_t = VantageName::Default)]
    pub(crate) vantage: VantageName,
    /// Audit what this file asks for, as `affiant audit … --print-request` writes it ('-' reads stdin).
    #[arg(long, value_name = "FILE", conflicts_with_all = ["url", "pages", "scenario", "vantage"])]
    pub(crate) request: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// What is printed on stdout.
    #[arg(long, value_enum, default_value_t = TableAs::Table)]
    pub(crate) format: TableAs,
}

#[derive(Debug, Args)]
pub(crate) struct OneArgs {
    /// Its name, as `affiant watch list` tells it.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

#[derive(Debug, Args)]
pub(crate) struct AlertsArgs {
    /// The property. Without it: of all.
    #[arg(value_name = "ID")]
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// What is printed on stdout.
    #[arg(long, value_enum, default_value_t = TableAs::Table)]
    pub(crate) format: TableAs,
}

#[derive(Debug, Args)]
pub(crate) struct ChannelArgs {
    #[command(subcommand)]
    pub(crate) verb: ChannelVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ChannelVerb {
    /// Tell somebody. A web hook's secret is printed once.
    Add(ChannelAddArgs),
    /// Who is told.
    List(ListArgs),
    /// Tell them no more.
    Remove(OneArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ChannelAddArgs {
    #[command(flatten)]
    pub(crate) to: To,
    /// Of this property only. Without it: of all.
    #[arg(long, value_name = "ID")]
    pub(crate) property: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct To {
    /// By e-mail to this address; `mail.server` in affiant.toml names the server.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: Option<String>,
    /// By a web hook at this address: JSON, signed as the Standard Webhooks specification says.
    #[arg(long, value_name = "URL")]
    pub(crate) webhook: Option<String>,
    /// By an incoming web hook of Slack's.
    #[arg(long, value_name = "URL")]
    pub(crate) slack: Option<String>,
}

/// A line of the list.
#[derive(Serialize)]
struct Row {
    id: String,
    name: String,
    site: String,
    cron: Option<String>,
    zone: Option<String>,
    next_at: Option<i64>,
    last_audit: Option<String>,
    last_started: Option<i64>,
}

/// Does what the verb says.
pub(crate) fn run(args: &WatchArgs, config: &Config, quiet: bool) -> anyhow::Result<Exit> {
    stores::run(async {
        match &args.verb {
            WatchVerb::Add(a) => add(a, config).await,
            WatchVerb::List(a) => all(a, config).await,
            WatchVerb::Remove(a) => remove(a, config, quiet).await,
            WatchVerb::Run(a) => now(a, config).await,
            WatchVerb::Alerts(a) => alerts(a, config).await,
            WatchVerb::Channel(a) => match &a.verb {
                ChannelVerb::Add(a) => add_channel(a, config, quiet).await,
                ChannelVerb::List(a) => channels(a, config).await,
                ChannelVerb::Remove(a) => remove_channel(a, config, quiet).await,
            },
        }
    })?;
    Ok(Exit::Nothing)
}

async fn open(store: &StoreArgs, config: &Config) -> anyhow::Result<(Place, Store)> {
    let place = store.place(config)?;
    let store = Store::open(&place).await?;
    Ok((place, store))
}

async fn add(args: &AddArgs, config: &Config) -> anyhow::Result<()> {
    let mut request: AuditRequest = match &args.request {
        Some(path) => serde_json::from_slice(&list::text(path, "the request")?)
            .with_context(|| format!("{} is no request for an audit", list::name(path)))?,
        None => AuditRequest {
            max_pages: args.pages.unwrap_or(DEFAULT_PAGES),
            scenarios: scenarios(&args.scenario),
            vantage: args.vantage.name().to_owned(),
            ..AuditRequest::of(args.url.iter().cloned().collect())
        },
    };
    request.proxy = request.proxy.take().or_else(|| config.proxy());
    let (_, store) = open(&args.store, config).await?;
    let zone = args.zone.clone();
    let schedule = args.cron.clone().map(|cron| NewSchedule { cron, zone, paused: false });
    let new = NewProperty { name: args.name.clone(), request, schedule };
    let property = add_property(&store, new).await.context("the property was not added")?;
    store.close().await;
    writeln!(std::io::stdout(), "{}", property.id)?;
    Ok(())
}

async fn all(args: &ListArgs, config: &Config) -> anyhow::Result<()> {
    let (place, store) = open(&args.store, config).await?;
    let (schedules, history) = (store.schedules().await?, store.history(None).await?);
    let rows: Vec<Row> = store
        .properties()
        .await?
        .into_iter()
        .map(|p| {
            let schedule = schedules.iter().find(|s| s.property == p.id);
            let last = history.iter().find(|a| a.property.as_ref() == Some(&p.id));
            Row {
                cron: schedule.map(|s| s.cron.clone()),
                zone: schedule.map(|s| s.zone.clone()),
                next_at: schedule.filter(|s| !s.paused).and_then(|s| s.next_at),
                last_audit: last.map(|a| a.id.clone()),
                last_started: last.map(|a| a.started),
                id: p.id,
                name: p.name,
                site: p.site,
            }
        })
        .collect();
    if rows.is_empty() && args.format == TableAs::Table {
        writeln!(std::io::stdout(), "The store {place} watches no site: `affiant watch add URL` adds one.")?;
        return Ok(());
    }
    let mut table =
        Table::new(&["id", "name", "site", "schedule", "next (UTC)", "last audit (UTC)", "audit"]);
    for r in &rows {
        let line = r.cron.as_ref().map(|c| format!("{c} {}", r.zone.as_deref().unwrap_or_default()));
        table.row(vec![
            r.id.clone(),
            r.name.clone(),
            r.site.clone(),
            line.unwrap_or_default(),
            r.next_at.map(time).unwrap_or_default(),
            r.last_started.map(time).unwrap_or_default(),
            r.last_audit.clone().unwrap_or_default(),
        ]);
    }
    table.print(std::io::stdout().lock(), args.format, &rows)
}

async fn remove(args: &OneArgs, config: &Config, quiet: bool) -> anyhow::Result<()> {
    let (_, store) = open(&args.store, config).await?;
    if !store.remove_property(&args.id).await? {
        bail!("{}", unknown(&args.id));
    }
    if !quiet {
        writeln!(std::io::stdout(), "{} is watched no more; its audits stay", args.id)?;
    }
    Ok(())
}

async fn now(args: &OneArgs, config: &Config) -> anyhow::Result<()> {
    let (place, store) = open(&args.store, config).await?;
    let property = store.property(&args.id).await?.with_context(|| unknown(&args.id))?;
    let id = audit_property(&Jobs::new(&store, Duration::ZERO, 0), &store, &place, &property).await?;
    store.close().await;
    writeln!(std::io::stdout(), "{id}")?;
    Ok(())
}

async fn add_channel(args: &ChannelAddArgs, config: &Config, quiet: bool) -> anyhow::Result<()> {
    let (kind, target) = match &args.to {
        To { email: Some(to), .. } => (ChannelKind::Email, to),
        To { webhook: Some(to), .. } => (ChannelKind::Webhook, to),
        To { slack: Some(to), .. } => (ChannelKind::Slack, to),
        _ => bail!("one of --email, --webhook and --slack is needed"),
    };
    let delivery = config.delivery()?;
    let made = channel(kind, target, args.property.clone(), &delivery)?;
    let (_, store) = open(&args.store, config).await?;
    if let Some(id) = &args.property {
        store.property(id).await?.with_context(|| unknown(id))?;
    }
    store.add_channel(&made).await?;
    store.close().await;
    let mut out = std::io::stdout();
    writeln!(out, "{}", made.id)?;
    if !made.secret.is_empty() {
        writeln!(out, "{}", made.secret)?;
    }
    if kind == ChannelKind::Email && delivery.mail.is_none() && !quiet {
        writeln!(std::io::stderr(), "affiant: no mail server is set: name one in [mail] of affiant.toml")?;
    }
    Ok(())
}

async fn channels(args: &ListArgs, config: &Config) -> anyhow::Result<()> {
    let (_, store) = open(&args.store, config).await?;
    let all = store.channels().await?;
    let mut table = Table::new(&["id", "property", "kind", "to", "since (UTC)"]);
    for c in &all {
        let of = c.property.clone().unwrap_or_else(|| "all".to_owned());
        table.row(vec![c.id.clone(), of, c.kind.clone(), c.target.clone(), time(c.created)]);
    }
    table.print(std::io::stdout().lock(), args.format, &all)
}

async fn remove_channel(args: &OneArgs, config: &Config, quiet: bool) -> anyhow::Result<()> {
    let (_, store) = open(&args.store, config).await?;
    if !store.remove_channel(&args.id).await? {
        bail!(
            "there is no channel {}: `affiant watch channel list` lists them",
            affiant_report::hostile::line(&args.id, 120)
        );
    }
    if !quiet {
        writeln!(std::io::stdout(), "{} is told no more", args.id)?;
    }
    Ok(())
}

/// So many alerts are listed.
const MOST: u32 = 1_000;

async fn alerts(args: &AlertsArgs, config: &Config) -> anyhow::Result<()> {
    let (_, store) = open(&args.store, config).await?;
    if let Some(id) = &args.id {
        store.property(id).await?.with_context(|| unknown(id))?;
    }
    let all = store.alerts(args.id.as_deref(), MOST).await?;
    let mut table = Table::new(&["found (UTC)", "property", "kind", "what", "audit"]);
    for a in &all {
        table.row(vec![
            time(a.created),
            a.property.clone(),
            a.kind.clone(),
            a.title.clone(),
            a.audit.clone(),
        ]);
    }
    table.print(std::io::stdout().lock(), args.format, &all)
}

fn unknown(id: &str) -> String {
    format!(
        "there is no property '{}': `affiant watch list` lists them",
        affiant_report::hostile::line(id, 120)
    )
}
