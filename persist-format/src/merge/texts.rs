//! Three texts of one document as one.

use std::collections::{BTreeMap, BTreeSet};

use super::attached::Attachments;
use super::brackets::Brackets;
use super::comments::{Counts, faults, wanted_comments, with_new_comments};
use super::cut::Cut;
use super::placing::Findings;
use super::terms::Policy;
use super::weave::weave;
use super::{commas, keys, order};
use crate::diff;
use crate::document::Document;
use crate::format::Format;
use crate::value::Value;

/// What both started from, what either made of it, and what is to become of the comments.
pub(super) struct Texts<'c> {
    base: &'c Cut<'c>,
    ours: &'c Cut<'c>,
    theirs: &'c Cut<'c>,
    policy: Policy<'c>,
    /// How often each comment is to be there.
    wanted: Counts,
}

impl<'c> Texts<'c> {
    pub(super) fn of([base, ours, theirs]: [&'c Cut<'c>; 3], policy: Policy<'c>) -> Self {
        Self {
            base,
            ours,
            theirs,
            policy,
            wanted: wanted_comments([base, ours, theirs]),
        }
    }

    /// With some of the texts others; `None` if none is.
    fn with(&self, others: [Option<&'c Cut<'c>>; 3]) -> Option<Texts<'c>> {
        let [base, ours, theirs] = others;
        others.iter().any(Option::is_some).then(|| {
            let [base, ours, theirs] = [
                base.unwrap_or(self.base),
                ours.unwrap_or(self.ours),
                theirs.unwrap_or(self.theirs),
            ];
            Texts::of([base, ours, theirs], self.policy)
        })
    }

    /// The text that says what `document` does and that [`woven`](Self::woven) accepts, of the first of three ways that leads to one:
    ///
    /// 1. The texts with the elements of base and theirs in the order of ours ([`order`]).
    /// 2. The same with the values that are wanted in the old texts. Where both sides have changed a value the weave has to choose, and it merges words; the
    ///    values have been chosen by then, and here the texts agree on them and differ in layout alone. A migration's way back needs it: what a person has changed where a
    ///    step had changed it as well stands in neither old text.
    /// 3. The same with ours reduced to the elements that the others have. An element that is new in ours may look like an old one that has lost all it had, and the weave then
    ///    makes one of both. Left out, it is written afresh, which is a loss if it says more than its values: then `woven` refuses.
    pub(super) fn saying(&self, document: &Document) -> Option<Document> {
        self.saying_so(document, &|_| true)
    }

    /// The first of them that is also `taken`.
    fn saying_so(
        &self,
        document: &Document,
        taken: &dyn Fn(&Document) -> bool,
    ) -> Option<Document> {
        let [mut base, mut theirs] = [self.base, self.theirs].map(|cut| cut.document.clone());
        let documents = [&mut base, &mut theirs];
        let shared = order::as_in(self.ours.document, documents, &self.policy).ok()?;
        let [base, theirs] = [(self.base, &base), (self.theirs, &theirs)]
            .map(|(cut, document)| cut.if_other(document));
        let ordered = self.with([base.as_ref(), None, theirs.as_ref()]);
        let ordered = ordered.as_ref().unwrap_or(self);
        let known = ordered.woven(document).filter(taken);
        let known = known.or_else(|| {
            let base = with_values(ordered.base.document, self.ours.document.value())?;
            let theirs = with_values(ordered.theirs.document, document.value())?;
            let [base, theirs] = [(ordered.base, &base), (ordered.theirs, &theirs)]
                .map(|(cut, document)| cut.if_other(document));
            let texts = ordered.with([base.as_ref(), None, theirs.as_ref()]);
            texts?.woven(document).filter(taken)
        });
        known.or_else(|| {
            let mut ours = self.ours.document.clone();
            drop(ours.rearrange(&shared).ok()?);
            let ours = self.ours.if_other(&ours);
            let texts = ordered.with([None, ours.as_ref(), None])?;
            texts.woven(document).filter(taken)
        })
    }

    /// The text that has the comments most nearly as often as it should ([`wanted_comments`]) and at what a side has attached them to. The first of these ways that has each as often is
    /// taken, else the one that misses by the least:
    ///
    /// 1. [`saying`](Self::saying), which keeps most of both texts.
    /// 2. The weave of the texts as they are. Brought in order, base and theirs have lost the elements that ours has replaced, and with them comments that theirs has written
    ///    there and that may still have a place.
    /// 3. Ours with the values, and with the new comments of theirs. There always is one; it is what is left where no weave says the values.
    /// 4. Theirs with the values, and with the new comments of ours: where ours has the fewer comments to bring, because theirs has moved what they stand at.
    ///
    /// `plain` is ours with the values.
    pub(super) fn best(&self, plain: &Document, value: &Value) -> Document {
        let ordered = |document: &Document| self.are_keys_ordered(document);
        let woven = || self.saying_so(plain, &ordered);
        let unordered = || self.woven(plain).filter(ordered);
        let ours = || Some(with_new_comments(plain.clone(), self.theirs, self.base));
        let theirs = || {
            let mut theirs = self.theirs.document.clone();
            drop(theirs.apply(value).ok()?);
            // Somebody may have changed other documents of the stream meanwhile.
            if theirs.around() != self.ours.document.around() {
                return None;
            }
            let theirs = Some(theirs).filter(ordered)?;
            Some(with_new_comments(theirs, self.ours, self.base))
        };
        let ways: [&dyn Fn() -> Option<Document>; 4] = [&woven, &unordered, &ours, &theirs];
        let attachments = self.attachments();
        let findings = |document: &Document| match self.wanted.is_empty() {
            true => Findings::default(),
            false => Findings::of(&Cut::of(document), &attachments, &self.wanted),
        };
        let (mut best, mut least) = (None, usize::MAX);
        for document in ways.into_iter().filter_map(|way| way()) {
            let there = document.comment_counts();
            let findings = findings(&document);
            let wrong = faults(&self.wanted, &there) + 2 * findings.strays;
            if wrong < least {
                (best, least) = (Some((document, findings)), wrong);
            }
            if least == 0 {
                break;
            }
        }
        let (best, findings) = best.unwrap_or_else(|| (plain.clone(), Findings::default()));
        findings.mended(best, &attachments)
    }

    fn attachments(&self) -> Attachments<'_> {
        Attachments::of([self.base, self.ours, self.theirs])
    }

    /// Whether the keys of `merged` stand as those of a side do. What one has taken away and the other has changed stays as that one has it, but where a text
    /// without it was given the values it was put at the end.
    fn are_keys_ordered(&self, merged: &Document) -> bool {
        let [ours, theirs] = [self.ours, self.theirs].map(|side| Some(side.document.value()));
        keys::are_ordered(merged.value(), ours, theirs)
    }

    /// What both sides make of the base where neither can be given the values. `None` if it doesn't say them, or not in the lines that both sides have
    /// left alone.
    pub(super) fn alone(&self, value: &Value) -> Option<Document> {
        let woven = self.woven_with(self.ours.document, value)?;
        let attachments = self.attachments();
        let findings = Findings::of(&Cut::of(&woven), &attachments, &self.wanted);
        let woven = findings.mended(woven, &attachments);
        let [base, ours, theirs] = [self.base, self.ours, self.theirs].map(|cut| cut.document);
        let changed = without(lines(base), lines(ours)).chain(without(lines(base), lines(theirs)));
        let untouched = without(lines(base).filter(|line| !line.is_empty()), changed);
        let keeps = self.knows(&woven.comment_counts()) && self.are_keys_ordered(&woven);
        (keeps && contains(lines(&woven), untouched)).then_some(woven)
    }

    /// Whether nothing has come to stand within a comment, and none is there twice that was not.
    fn knows(&self, comments: &Counts) -> bool {
        comments.iter().all(|(comment, count)| {
            let counts = [&self.ours.comments, &self.theirs.comments, &self.wanted];
            let there = counts.map(|counts| counts.get(comment));
            there.into_iter().flatten().max() >= Some(count)
        })
    }

    /// The commas before closing brackets of a document, and the brackets without.
    fn ends(document: &Document) -> commas::Ends {
        match document.format() {
            Format::Json | Format::Jsonc => commas::ends(document.text()),
            Format::Toml | Format::Yaml => commas::Ends::default(),
        }
    }

    /// What both sides make of the base, with the values, as a text of `document`. `None` if that has lines of nothing but space, or lists and maps in brackets over
    /// several lines where no side has such.
    fn woven_with(&self, document: &Document, value: &Value) -> Option<Document> {
        let [ours, theirs] = [self.ours, self.theirs].map(|cut| cut.document);
        let mut woven = weave(self.base, self.ours, self.theirs, self.policy.first);
        if let Format::Json | Format::Jsonc = document.format() {
            let is_trailed = [ours, theirs].map(|side| Self::ends(side).trailed) != [0, 0];
            woven = commas::mended(&woven, is_trailed);
        }
        let mut woven = document.with_text(&woven).ok()?;
        if woven.value() != value {
            woven.apply(value).map(drop).ok()?;
        }
        let [in_ours, in_theirs, there] = [ours, theirs, &woven].map(lines_of_space);
        if there > in_ours + in_theirs {
            return None;
        }
        Brackets::of([ours, theirs]).kept(woven)
    }

    /// [`woven_with`](Self::woven_with) the values of `document`, which is ours with these. `None` if the woven text does not keep every comment, every comma before a closing
    /// bracket and every line that `document` keeps of ours, except for blank lines, and for what the base has and theirs has not, or spells otherwise.
    fn woven(&self, document: &Document) -> Option<Document> {
        let woven = self.woven_with(document, document.value())?;
        let [base, ours, theirs] = [self.base, self.ours, self.theirs].map(|cut| cut.document);
        // What their side has taken away or put otherwise need not be there.
        let gone = without(base.comments(), theirs.comments());
        let comments = contains(woven.comments(), without(document.comments(), gone));
        let comments = comments && self.knows(&woven.comment_counts());
        // What giving the values to our text has left alone, this must leave alone too.
        let kept: BTreeSet<_> = lines(document).collect();
        let untouched = lines(ours).filter(|line| !line.is_empty() && kept.contains(line));
        let otherwise = without(lines(base), lines(theirs));
        let lines = contains(lines(&woven), without(untouched, otherwise));
        let [in_base, in_theirs] = [base, theirs].map(Self::ends);
        let gone = in_base.trailed.saturating_sub(in_theirs.trailed);
        let gone = gone.min(in_theirs.bare.saturating_sub(in_base.bare));
        let commas = Self::ends(&woven).trailed + gone >= Self::ends(document).trailed;
        (comments && lines && commas).then_some(woven)
    }
}

/// `document` with other values for its keys; `None` if keys come or go.
fn with_values(document: &Document, values: &Value) -> Option<Document> {
    let changes = diff::between(document.value(), values).changes;
    let stays = |change: &diff::Change| matches!(change.what, diff::What::Modified { .. });
    let mut changed = document.clone();
    drop(changed.apply(values).ok()?);
    changes.iter().all(stays).then_some(changed)
}

/// The lines without comments, which are counted, without what comes and goes with the neighbours (commas, and the dash of an item or the space in its place),
/// and without quotes and more than one space: what a migration brought in may be spelled otherwise than what stood there.
fn lines(document: &Document) -> impl Iterator<Item = String> {
    let (text, comments) = (document.text(), document.comment_extents());
    let starts = comments.iter().map(|comment| comment.end);
    let ends = comments.iter().map(|comment| comment.start);
    let between = std::iter::once(0)
        .chain(starts)
        .zip(ends.chain([text.len()]));
    let bare: String = between.map(|(start, end)| &text[start..end]).collect();
    let lines: Vec<String> = bare.lines().map(str::to_owned).collect();
    let is_dash = |c| matches!(c, ' ' | '\t' | '-');
    lines.into_iter().map(move |line| {
        let line = line.trim_start_matches(is_dash);
        let line = line.replace([',', '"', '\''], "");
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    })
}

/// How many lines there are with nothing but space.
fn lines_of_space(document: &Document) -> usize {
    let is_space = |line: &&str| !line.is_empty() && line.trim().is_empty();
    document.text().lines().filter(is_space).count()
}

/// Whether `all` has everything that is in `some`, as often.
fn contains<T: Ord>(all: impl Iterator<Item = T>, some: impl Iterator<Item = T>) -> bool {
    without(some, all).next().is_none()
}

/// What is in `all` more often than in `some`.
fn without<T: Ord>(
    all: impl Iterator<Item = T>,
    some: impl Iterator<Item = T>,
) -> impl Iterator<Item = T> {
    let mut left: BTreeMap<T, usize> = BTreeMap::new();
    for one in some {
        *left.entry(one).or_default() += 1;
    }
    all.filter(move |one| match left.get_mut(one) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    })
}
