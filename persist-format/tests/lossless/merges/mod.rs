//! Merges of texts: every pair of edits on every small document, judged by what must be there afterwards.
//!
//! `PERSIST_NODES` says how many nodes a document has at most, `PERSIST_FORMAT` which one format to look at (default all).

mod about;
mod documents;
mod judge;

use persist_format::merge::{self, Merge};
use persist_format::{Document, Format};

use documents::{Sort, documents, edits};

/// How the edits of both sides differ: by all they write, or by their places only.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Words {
    Own,
    Same,
}

#[derive(Default, Debug)]
struct Tally {
    merges: usize,
    conflicts: usize,
    comments: usize,
    faults: Vec<String>,
}

impl Tally {
    fn merge(&mut self, base: &Document, ours: &Document, theirs: &Document) -> Merge {
        let merge = merge::three_way(base, ours, theirs).unwrap_or_else(|error| {
            let texts = [base, ours, theirs].map(Document::text);
            panic!("{error}\n{}", texts.join("----\n"))
        });
        let conflicts = !merge.conflicts.is_empty();
        let fault = judge::fault(base, ours, theirs, &merge);
        let fault = fault.or_else(|| {
            let text = merge.document.text();
            (ours.text() == theirs.text() && text != ours.text()).then(|| "both are one".into())
        });
        let fault = fault.or_else(|| {
            let wrong = conflicts && judge::apart([base, ours, theirs]);
            wrong.then(|| "no conflict".into())
        });
        if let Some(fault) = fault {
            let texts = [base, ours, theirs, &merge.document].map(Document::text);
            let (conflicts, comments) = (&merge.conflicts, &merge.comments);
            let texts = texts.join("----\n");
            self.faults
                .push(format!("{fault}:\n{texts}\n{conflicts:?} {comments:?}"));
        }
        self.merges += 1;
        self.conflicts += usize::from(conflicts);
        self.comments += merge.comments.len();
        merge
    }
}

fn every_pair(format: Format, nodes: usize, sort: Sort, words: Words) -> Tally {
    let mut tally = Tally::default();
    for base in documents(format, nodes, sort) {
        let mine = edits(&base, 100, "ours");
        let other = match words {
            Words::Own => edits(&base, 200, "theirs"),
            Words::Same => mine.clone(),
        };
        for ours in &mine {
            for theirs in &other {
                drop(tally.merge(&base, ours, theirs));
            }
        }
    }
    tally
}

#[test]
fn every_pair_of_edits_on_every_small_document() {
    let nodes = crate::setting("PERSIST_NODES", 2);
    let mut wrong = Vec::new();
    let only = std::env::var("PERSIST_FORMAT").ok();
    let is_wanted = |format: &Format| {
        let name = format.to_string();
        only.as_ref()
            .is_none_or(|only| only.eq_ignore_ascii_case(&name))
    };
    let is_any = Format::ALL.iter().any(is_wanted);
    assert!(is_any, "{only:?} is none of {:?}", Format::ALL);
    // Documents that say one thing several times, and edits that write the same, have one node less: they are more.
    let fewer = nodes.saturating_sub(1).max(2);
    let all = Format::ALL.as_slice();
    let in_brackets = [Format::Toml, Format::Yaml];
    let kinds: [(&[Format], _, _, _); 8] = [
        (all, nodes, Sort::Distinct, Words::Own),
        (all, fewer, Sort::Distinct, Words::Same),
        (all, fewer, Sort::Twins, Words::Own),
        (all, fewer, Sort::Twins, Words::Same),
        (&[Format::Jsonc], nodes, Sort::TrailingCommas, Words::Own),
        (&[Format::Jsonc], fewer, Sort::TrailingCommas, Words::Same),
        (&in_brackets, nodes.max(3), Sort::Brackets, Words::Own),
        (&in_brackets, fewer.max(3), Sort::Brackets, Words::Same),
    ];
    for (formats, nodes, sort, words) in kinds {
        let run =
            |format| std::thread::spawn(move || (format, every_pair(format, nodes, sort, words)));
        let runs: Vec<_> = formats.iter().copied().filter(is_wanted).map(run).collect();
        for run in runs {
            let (format, tally) = run.join().expect("no merge panics");
            let (faults, first) = (tally.faults.len(), tally.faults.first());
            println!(
                "{format}, {nodes} nodes, {sort:?}, {words:?} words: {} merges, {} conflicts, {} comments without a place, {faults} faults",
                tally.merges, tally.conflicts, tally.comments
            );
            wrong.extend(first.map(|first| format!("{format}: {faults} faults, such as {first}")));
            assert!(tally.merges > 50 && tally.conflicts > 0 && tally.conflicts < tally.merges / 2);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Somebody has changed another document of the stream meanwhile, which the other side has not seen.
#[test]
fn other_documents_of_a_stream_stay_ours() {
    let stream = |document: &Document, other: i64| {
        let text = format!("{}---\nother: {other}\n", document.text());
        let stream = Document::parse(text.as_bytes(), Format::Yaml).ok()?;
        let first = stream.select(0).expect("there are two");
        (first.value() == document.value()).then_some(first)
    };
    let mut tally = Tally::default();
    for base in documents(Format::Yaml, 2, Sort::Distinct) {
        let [mine, other] = [(100, "ours"), (200, "theirs")].map(|(n, who)| edits(&base, n, who));
        for (ours, theirs) in mine.iter().flat_map(|o| other.iter().map(move |t| (o, t))) {
            let texts = stream(&base, 1).zip(stream(ours, 2)).zip(stream(theirs, 1));
            let Some(((base, ours), theirs)) = texts else {
                continue;
            };
            let merge = tally.merge(&base, &ours, &theirs);
            let text = merge.document.text();
            assert!(text.ends_with("---\nother: 2\n"), "{text}");
        }
    }
    assert!(tally.merges > 100, "{tally:?}");
    assert!(tally.faults.is_empty(), "{}", tally.faults.join("\n\n"));
}
