//! `persist keep`: which backups stay, and why.

use std::path::Path;

use jiff::SignedDuration;
use persist_core::backup::Id;
use persist_core::backup::retention::{Plan, Policy, Why};
use persist_core::{PolicySource, Retention};

use super::history::where_there_is_none;
use super::open::{Versions, open};
use crate::args::{Args, Rules};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::json;
use crate::out::{DIM, Out, WARN, counted, paint};
use crate::quote::quoted;

pub(super) fn keep(args: &Args, out: &mut Out, path: &Path, rules: &Rules) -> Outcome {
    let file = open(args, out, path, Versions::IfItApplies)?;
    let mut found = file.retention()?;
    let nothing = found.plan.keep.is_empty() && found.plan.drop.is_empty();
    let exit = where_there_is_none(out, &file, nothing)?;
    let mut notices = Vec::new();
    if *rules != Rules::default() {
        let policy = match rules.default {
            true => None,
            false => Some(changed(&found, rules).map_err(|number| {
                let message = format!("there is no backup #{number} of {}", path.display());
                let list = format!("`persist backups {}` lists them", quoted(path));
                Failure::new(Exit::No, message).with_hint(list)
            })?),
        };
        notices = file.keep(policy)?.notices;
        found = file.retention()?;
    }
    out.json(&json::Kept {
        policy: &found.policy,
        said: found.said,
        keep: fates(&found.plan.keep),
        drop: fates(&found.plan.drop),
        notices: &notices,
    })?;
    if !out.is_json() {
        for notice in &notices {
            out.line(format!("{} {notice}", paint(WARN, "note")))?;
        }
        tell(out, &found)?;
    }
    Ok(exit)
}

/// The policy in force with what was named changed; or the number of a pin that is none of a backup.
fn changed(found: &Retention, rules: &Rules) -> Result<Policy, u64> {
    let mut policy = found.policy.clone();
    let counts = [
        (&mut policy.last, rules.last),
        (&mut policy.hourly, rules.hourly),
        (&mut policy.daily, rules.daily),
        (&mut policy.weekly, rules.weekly),
        (&mut policy.monthly, rules.monthly),
        (&mut policy.yearly, rules.yearly),
        (&mut policy.undo, rules.undo),
        (&mut policy.bad, rules.bad),
    ];
    for (count, said) in counts {
        *count = said.unwrap_or(*count);
    }
    policy.versions = rules.each_version.unwrap_or(policy.versions);
    if let Some(bound) = rules.max_bytes {
        policy.max_bytes = bound.0;
    }
    if let Some(bound) = rules.max_age {
        policy.max_age = bound.0;
    }
    let all = |plan: &Plan| -> Vec<u64> {
        let all = plan.keep.iter().chain(&plan.drop);
        all.map(|(id, _)| id.seq()).collect()
    };
    let there = all(&found.plan);
    if let Some(number) = rules.pin.iter().find(|number| !there.contains(number)) {
        return Err(*number);
    }
    policy.pinned.extend(&rules.pin);
    policy.pinned.retain(|number| !rules.unpin.contains(number));
    Ok(policy)
}

fn fates(plan: &[(Id, Why)]) -> Vec<json::Fate> {
    let fate = |(id, why): &(Id, Why)| json::Fate {
        named: (*id).into(),
        why: why.to_string(),
    };
    plan.iter().map(fate).collect()
}

fn tell(out: &mut Out, found: &Retention) -> std::io::Result<()> {
    let who = match found.said {
        PolicySource::Default => {
            "the default; `persist keep FILE --daily 90` changes it".to_owned()
        }
        said => said.to_string(),
    };
    out.line(format!(
        "{} {}",
        words(&found.policy),
        paint(DIM, format!("({who})"))
    ))?;
    let plan = &found.plan;
    if plan.keep.is_empty() && plan.drop.is_empty() {
        return out.line(paint(DIM, "no backups yet"));
    }
    let (keep, drop) = (plan.keep.len(), plan.drop.len());
    out.line(format!(
        "the next save keeps {keep} of these, and drops {drop}"
    ))?;
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["number", "taken (UTC)", "digest", "", "why"]);
    let mut rows: Vec<_> = plan.keep.iter().map(|(id, why)| (id, true, why)).collect();
    rows.extend(plan.drop.iter().map(|(id, why)| (id, false, why)));
    rows.sort_by(|a, b| b.0.cmp(a.0));
    for (id, stays, why) in rows {
        table.add_row([
            id.seq().to_string(),
            id.taken().strftime("%Y-%m-%d %H:%M:%S").to_string(),
            id.digest().short().to_string(),
            match stays {
                true => "keep".to_owned(),
                false => "drop".to_owned(),
            },
            why.to_string(),
        ]);
    }
    out.line(table)
}

/// `the last 10, 24 hourly, …; at most 64 MiB`.
fn words(policy: &Policy) -> String {
    let counts = [
        (policy.hourly, "hourly"),
        (policy.daily, "daily"),
        (policy.weekly, "weekly"),
        (policy.monthly, "monthly"),
        (policy.yearly, "yearly"),
    ];
    let mut rules = vec![format!("the last {}", policy.last)];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    rules.extend(counts.map(|(count, what)| format!("{count} {what}")));
    if policy.versions {
        rules.push("the last of each schema version".into());
    }
    if policy.undo > 0 {
        rules.push(format!(
            "what {} {}",
            counted(policy.undo as usize, "undo"),
            if policy.undo == 1 { "needs" } else { "need" }
        ));
    }
    if policy.bad > 0 {
        rules.push(format!("the last {} that never were good", policy.bad));
    }
    if !policy.pinned.is_empty() {
        let pinned: Vec<String> = policy.pinned.iter().map(|n| format!("#{n}")).collect();
        rules.push(format!("pinned {}", pinned.join(" ")));
    }
    let bytes = policy
        .max_bytes
        .map(|bytes| format!("; at most {}", size(bytes)));
    let age = policy
        .max_age
        .map(|most| format!("; none older than {}", age(most)));
    let (bytes, age) = (bytes.unwrap_or_default(), age.unwrap_or_default());
    format!("keep {}{bytes}{age}", rules.join(", "))
}

fn size(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let whole = units
        .iter()
        .find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit));
    whole.map_or_else(
        || format!("{bytes} bytes"),
        |(unit, name)| format!("{} {name}", bytes / unit),
    )
}

fn age(age: SignedDuration) -> String {
    let hours = age.as_hours();
    match (hours % 24, age.subsec_nanos(), age.as_secs() % 3600) {
        (0, 0, 0) => format!("{} days", hours / 24),
        _ => format!("{age:#}"),
    }
}
