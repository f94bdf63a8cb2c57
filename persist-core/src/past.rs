//! What a file can go back to, and forth again: its changes in order, and what migrations have set aside. Pure: records in, state out.
//!
//! It is the two-stack model of undo: `back` holds what can be undone, `forth` what can be redone, and any other change empties `forth`.
//! Kept is, for each step, the content on its *other* side: of `back[i]` that before the change, of `forth[i]` that after it. The content on
//! the near side is that of the next step towards the top, and above the top what is live. So a step that moves between the stacks swaps
//! its content with what is live (`reverse`), and nothing but the digests of whole contents is ever needed: undo puts bytes back, it does
//! not compute inverse edits, which an edit from outside would make meaningless.

use std::collections::BTreeSet;

use persist_backup::Digest;
use serde::{Deserialize, Serialize};

use crate::holdings::Holdings;
use crate::journal::{Adopted, Intent, Kind, Removed};

/// So many changes can be taken back one by one. Older content is in the backups.
pub(crate) const MOST_STEPS: usize = 100;

/// A change that can be taken back, or made again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Step {
    /// The number of the change's record.
    pub(crate) seq: u64,
    /// The content that going there leads to; `None` where there was no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content: Option<Digest>,
    /// The complement that is in force there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) complement: Option<Digest>,
    /// The change was that somebody deleted the file.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) deletion: bool,
}

/// Every change that took effect, as far as something still depends on it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Past {
    /// How many changes there were.
    #[serde(default)]
    pub(crate) changes: u64,
    /// Changes to take back, the last one at the end, each with the content before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) back: Vec<Step>,
    /// Changes that were taken back and can be made again, the next one at the end, each with the content after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) forth: Vec<Step>,
    /// What the last migration which took effect, and was not taken back, has set aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) complement: Option<Digest>,
    /// Records after this number are lost: what was to be gone back to, and what a migration has set aside, is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) gap: Option<u64>,
    /// The backups that there are to be.
    #[serde(default)]
    pub(crate) holdings: Holdings,
}

impl Past {
    /// A save that took effect. The numbers of the changes that it took back or made again.
    pub(crate) fn saved(&mut self, seq: u64, intent: &Intent) -> Vec<u64> {
        self.changes = self.changes.saturating_add(1);
        self.holdings.saved(intent);
        if self.gap.is_some_and(|after| seq <= after) {
            return Vec::new();
        }
        match (intent.kind, intent.undoes, intent.redoes) {
            (Kind::Undo, Some(down_to), _) => self.go_back(down_to, intent.old),
            (Kind::Redo, _, Some(up_to)) => self.go_forth(up_to, intent.old),
            (kind, ..) => {
                // What a recovery has replaced is damaged.
                if kind != Kind::Recover {
                    self.push(seq, intent.old);
                }
                if kind == Kind::Migrate {
                    self.complement = intent.complement;
                }
                self.forth.clear();
                Vec::new()
            }
        }
    }

    /// A change made by something else.
    pub(crate) fn adopted(&mut self, seq: u64, adopted: &Adopted) {
        self.changes = self.changes.saturating_add(1);
        self.holdings.adopted(adopted);
        if adopted.meant {
            self.gap = None;
        }
        self.noticed(seq, adopted.old);
    }

    /// A step that something else has made from content `old`. A preview takes it as well, of one that is in no record yet.
    pub(crate) fn noticed(&mut self, seq: u64, old: Option<Digest>) {
        // What the first content after a gap has replaced is not known.
        if old.is_some() || self.gap.is_none() {
            self.push(seq, old);
        }
        self.forth.clear();
    }

    /// The file was deleted, and that was accepted: what migrations had set aside is in force again once that is taken back.
    pub(crate) fn removed(&mut self, seq: u64, removed: &Removed) {
        if removed.step {
            self.changes = self.changes.saturating_add(1);
            self.holdings.removed(removed);
            self.push(seq, Some(removed.old));
            if let Some(last) = self.back.last_mut() {
                last.deletion = true;
            }
        }
        self.complement = None;
        self.forth.clear();
    }

    /// Records after number `after` are lost.
    pub(crate) fn lose(&mut self, after: u64) {
        (self.back, self.forth) = (Vec::new(), Vec::new());
        self.complement = None;
        self.holdings.note_gap();
        self.gap = Some(after);
    }

    fn push(&mut self, seq: u64, content: Option<Digest>) {
        self.back.push(Step {
            seq,
            content,
            complement: self.complement,
            deletion: false,
        });
        if self.back.len() > MOST_STEPS {
            self.back.remove(0);
        }
    }

    fn go_back(&mut self, down_to: u64, live: Option<Digest>) -> Vec<u64> {
        let Some(first) = self.back.iter().position(|step| step.seq == down_to) else {
            // Of before everything that is known here.
            self.forth.clear();
            return Vec::new();
        };
        let steps = self.back.split_off(first);
        reverse(steps, live, &mut self.complement, &mut self.forth)
    }

    fn go_forth(&mut self, up_to: u64, live: Option<Digest>) -> Vec<u64> {
        let Some(last) = self.forth.iter().position(|step| step.seq == up_to) else {
            self.forth.clear();
            return Vec::new();
        };
        let steps = self.forth.split_off(last);
        reverse(steps, live, &mut self.complement, &mut self.back)
    }

    /// The step that leads `count` changes back from content `live`. A change whose content before is what the file holds
    /// is none to take back.
    pub(crate) fn back_by(&self, count: usize, live: Option<&Digest>) -> Option<&Step> {
        walk(&self.back, live).nth(count.checked_sub(1)?)
    }

    /// The step that leads back to the content as change `number` left it, or the next one before it.
    pub(crate) fn back_to(&self, number: u64, live: Option<&Digest>) -> Option<&Step> {
        walk(&self.back, live)
            .take_while(|step| step.seq > number)
            .last()
    }

    /// Whether one of the next `count` undos needs this content, or one of as many redos.
    pub(crate) fn wants(&self, content: &Digest, count: u32) -> bool {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let mut next = [&self.back, &self.forth]
            .into_iter()
            .flat_map(|steps| walk(steps, None).take(count));
        next.any(|step| step.content.as_ref() == Some(content))
    }

    /// What migrations have set aside and something leads back to; `None` where that is not known.
    pub(crate) fn complements(&self) -> Option<BTreeSet<Digest>> {
        if self.gap.is_some() {
            return None;
        }
        let steps = self.back.iter().chain(&self.forth);
        let of_steps = steps.filter_map(|step| step.complement);
        Some(of_steps.chain(self.complement).collect())
    }

    /// Whether change `number` was that somebody deleted the file.
    pub(crate) fn is_deletion(&self, number: u64) -> bool {
        let mut steps = self.back.iter();
        steps.any(|step| step.deletion && step.seq == number)
    }

    /// The step that leads `count` changes forth again.
    pub(crate) fn forth_by(&self, count: usize, live: Option<&Digest>) -> Option<&Step> {
        walk(&self.forth, live).nth(count.checked_sub(1)?)
    }

    /// How many changes can be taken back from content `live`: the one that created the file can't.
    pub(crate) fn possible_undos(&self, live: Option<&Digest>) -> usize {
        possible(&self.back, live)
    }

    /// How many changes can be made again from content `live`: a deletion can't.
    pub(crate) fn possible_redos(&self, live: Option<&Digest>) -> usize {
        possible(&self.forth, live)
    }
}

/// Puts the steps, the last of which is taken first, onto the other stack, each with what it leads back to from there. `content` is always what
/// is live at that point of the way, and `complement` what is in force there: both are swapped with the step's own, so that going there and
/// back gives both stacks as they were.
fn reverse(
    steps: Vec<Step>,
    live: Option<Digest>,
    complement: &mut Option<Digest>,
    onto: &mut Vec<Step>,
) -> Vec<u64> {
    let (mut content, mut numbers) = (live, Vec::new());
    for step in steps.into_iter().rev() {
        numbers.push(step.seq);
        onto.push(Step {
            seq: step.seq,
            content: std::mem::replace(&mut content, step.content),
            complement: std::mem::replace(complement, step.complement),
            deletion: step.deletion,
        });
    }
    numbers
}

fn possible(steps: &[Step], live: Option<&Digest>) -> usize {
    walk(steps, live)
        .filter(|step| step.content.is_some())
        .count()
}

/// The steps from the end that change anything.
///
/// There is no stopping where a deletion has left no file, for nothing here deletes one: a deletion and the creation after it
/// are taken back, or made again, together.
fn walk<'s>(steps: &'s [Step], live: Option<&Digest>) -> impl Iterator<Item = &'s Step> {
    let mut content = live.copied();
    steps
        .iter()
        .enumerate()
        .rev()
        .filter_map(move |(at, step)| {
            let behind = at.checked_sub(1).and_then(|at| steps.get(at));
            let passes = behind.is_some_and(|behind| behind.deletion || step.deletion);
            if step.content.is_none() && passes {
                return None;
            }
            let changes = step.content.is_none() || step.content != content;
            content = step.content;
            changes.then_some(step)
        })
}

#[cfg(test)]
mod tests {
    use persist_backup::digest;

    use super::{Past, Step};
    use crate::journal::Removed;

    fn step(seq: u64, content: Option<&str>) -> Step {
        Step {
            seq,
            content: content.map(|text| digest(text.as_bytes())),
            complement: None,
            deletion: false,
        }
    }

    fn removed(old: &str, step: bool) -> Removed {
        Removed {
            old: digest(old.as_bytes()),
            backup: None,
            reason: None,
            step,
            access: None,
        }
    }

    /// Its checkpoints must go on adding up.
    #[test]
    fn a_deletion_that_an_earlier_persist_has_noted_is_no_step() {
        let text = format!(r#"{{"old":"{}"}}"#, digest(b"b"));
        let old: Removed = serde_json::from_str(&text).expect("a record");
        assert_eq!(old, removed("b", false));
        let mut past = Past {
            back: vec![step(1, Some("a"))],
            ..Past::default()
        };
        let before = past.clone();
        past.removed(2, &old);
        assert_eq!(past, before);
        past.removed(2, &removed("b", true));
        assert_eq!((past.back.len(), past.changes), (2, 1));
    }

    #[test]
    fn wanted_is_what_so_many_undos_need() {
        let past = Past {
            back: ["a", "b", "b", "c"]
                .map(|text| step(1, Some(text)))
                .to_vec(),
            forth: ["y", "x"].map(|text| step(9, Some(text))).to_vec(),
            ..Past::default()
        };
        let wanted = |count| -> String {
            let texts = ["a", "b", "c", "x", "y", "z"].into_iter();
            texts
                .filter(|text| past.wants(&digest(text.as_bytes()), count))
                .collect()
        };
        // Going from b to b is no step.
        assert_eq!(
            [0, 1, 2, 3, 100].map(wanted),
            ["", "cx", "bcxy", "abcxy", "abcxy"]
        );
    }

    /// Of a creation that nothing is known before, there is no way back.
    #[test]
    fn no_way_stops_where_there_is_no_file() {
        let mut past = Past {
            back: vec![step(1, None), step(2, Some("a"))],
            ..Past::default()
        };
        past.removed(3, &removed("b", true));
        past.back.push(step(4, None)); // created anew
        past.back.push(step(5, Some("c")));
        let live = digest(b"d");
        let ways = (1..7).map(|count| past.back_by(count, Some(&live)).map(|step| step.seq));
        let ways: Vec<Option<u64>> = ways.collect();
        assert_eq!(ways, [Some(5), Some(3), Some(2), Some(1), None, None]);
        assert!(past.is_deletion(3) && !past.is_deletion(4));
    }
}
