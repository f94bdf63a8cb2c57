//! `persist migrate check`: a manifest judged by made-up documents and by sample files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use persist_core::migrate::{Check, CheckReport, Manifest};
use persist_core::{ConfigFile, Error, RoundTrip, Version};
use serde_json::Value;

use super::judges::Judges;
use super::open::{options, versions};
use crate::args::{Args, Assumed};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome};
use crate::json;
use crate::out::{BAD, DIM, GOOD, Out, WARN, counted, paint};
use crate::show;

/// A file that the manifest is tried with, and what came of it.
struct Sample {
    path: PathBuf,
    tried: Result<Tried, Failure>,
}

struct Tried {
    version: Version,
    document: Value,
    /// How it breaks the schema of its own version: then it says nothing of the edges.
    invalid: Vec<String>,
    trips: Vec<RoundTrip>,
}

impl Sample {
    fn passed(&self) -> bool {
        let tried = self.tried.as_ref();
        tried.is_ok_and(|t| t.invalid.is_empty() && t.trips.iter().all(RoundTrip::passed))
    }
}

/// Tries every edge, up and down, on documents made from the schemas, and on the files that were named.
pub(super) fn check(
    args: &Args,
    out: &mut Out,
    named: Option<&Path>,
    cases: u32,
    (with, assumed): (&[PathBuf], &Assumed),
) -> Outcome {
    let (path, manifest) = versions(args, out, named)?;
    let manifest = Arc::new(manifest);
    let samples: Vec<Sample> = with
        .iter()
        .map(|path| Sample {
            path: path.clone(),
            tried: tried(args, path, &manifest, assumed),
        })
        .collect();
    let report = report(&path, &manifest, cases, &samples)?;
    let untried = report.edges > 0 && report.untried == report.edges;
    // What was only read has not passed.
    let passed = report.is_ok() && samples.iter().all(Sample::passed) && !untried;
    out.json(&told(&path, &report, &samples, passed))?;
    for finding in &report.findings {
        let style = if finding.is_error() { BAD } else { WARN };
        out.line(paint(style, finding))?;
    }
    for sample in &samples {
        tell(out, sample)?;
    }
    let tried = format!(
        "{} of {} tested, up and down, with {}, in {}",
        report.edges - report.untried,
        counted(report.edges, "edge"),
        counted(report.documents, "document"),
        path.display()
    );
    if untried {
        out.line(paint(
            WARN,
            "nothing was tested, the edges were only read; add schemas to the versions, or pass `--with FILE` for each version",
        ))?;
    }
    if !passed {
        out.line(paint(DIM, tried))?;
        return Ok(Exit::No);
    }
    let verdict = match report.untried {
        0 => "all is well:",
        _ => "no problem found in what was tested:",
    };
    out.line(format!("{} {}", paint(GOOD, verdict), paint(DIM, tried)))?;
    Ok(Exit::Done)
}

fn report(
    path: &Path,
    manifest: &Arc<Manifest>,
    cases: u32,
    samples: &[Sample],
) -> Result<CheckReport, Failure> {
    let judges = Judges::new(path, manifest)?;
    let judge = |version: &Version, document: &Value| judges.valid(version, document);
    let mut check = Check::new().cases(cases).judge(judge);
    for tried in samples.iter().flat_map(|sample| &sample.tried) {
        check = check.sample(tried.version.clone(), tried.document.clone());
    }
    let checked = manifest.check(&check.stop_when(|| judges.are_done()));
    let report = checked.map_err(|source| Error::Manifest {
        file: path.into(),
        source,
    })?;
    judges.failure(path)?;
    Ok(report)
}

fn tried(
    args: &Args,
    path: &Path,
    manifest: &Arc<Manifest>,
    assumed: &Assumed,
) -> Result<Tried, Failure> {
    let mut options = options(args).with_manifest(Arc::clone(manifest));
    options.assume_version.clone_from(&assumed.from);
    let file = ConfigFile::open(path, options)?;
    let document = file.document()?;
    let version = file.version_of(&document)?;
    let broken = file.violations(&document)?;
    let invalid = broken.iter().map(ToString::to_string).collect();
    Ok(Tried {
        version,
        document: document.value().to_json(),
        invalid,
        trips: file.rehearse_migrations()?,
    })
}

fn told<'a>(
    manifest: &Path,
    report: &'a CheckReport,
    samples: &'a [Sample],
    passed: bool,
) -> json::Checked<'a> {
    let findings = report.findings.iter().map(|finding| json::Finding {
        error: finding.is_error(),
        message: finding.to_string(),
        document: finding.document(),
    });
    let samples = samples.iter().map(|sample| json::Sample {
        file: sample.path.as_path().into(),
        passed: sample.passed(),
        tried: match &sample.tried {
            Ok(tried) => json::Tried::Done {
                version: &tried.version,
                violations: &tried.invalid,
                round_trips: &tried.trips,
            },
            Err(failure) => json::Tried::Failed {
                message: &failure.message,
                causes: &failure.causes,
            },
        },
    });
    json::Checked {
        manifest: manifest.into(),
        passed,
        edges: report.edges,
        untried: report.untried,
        documents: report.documents,
        findings: findings.collect(),
        samples: samples.collect(),
    }
}

fn tell(out: &mut Out, sample: &Sample) -> std::io::Result<()> {
    let path = sample.path.display();
    let tried = match &sample.tried {
        Ok(tried) => tried,
        Err(failure) => {
            out.line(format!("{} {}", paint(BAD, "error:"), failure.message))?;
            let more = failure.causes.iter().chain(&failure.hint);
            return more
                .into_iter()
                .try_for_each(|line| out.line(format!("  {line}")));
        }
    };
    for line in &tried.invalid {
        let at = &tried.version;
        out.line(format!(
            "{} {path} is not valid at {at}: {line}",
            paint(BAD, "error:")
        ))?;
    }
    if tried.trips.is_empty() {
        out.line(format!(
            "{path} has version {}, the only one",
            tried.version
        ))?;
    }
    for trip in &tried.trips {
        let way = format!("{path}: {} to {} and back", trip.from, trip.to);
        let came_back = match (trip.differs.is_empty(), trip.same_bytes) {
            (true, true) => paint(GOOD, "byte for byte"),
            (true, false) => paint(WARN, "every value, but the text is formatted differently"),
            (false, _) => paint(BAD, "another document"),
        };
        out.line(format!("{way}: {came_back}"))?;
        for line in &trip.violations {
            out.line(format!(
                "  {} at {}: {line}",
                paint(BAD, "not valid"),
                trip.to
            ))?;
        }
        for note in &trip.differs {
            out.line(format!("  {}", show::note(note)))?;
        }
    }
    Ok(())
}
