//! Every state that a power cut can leave, at every boundary between two operations.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::disk::{Bytes, Data, Disk, Entries, Ino, Log, Op, ROOT, apply};

const SECTOR: usize = 512;
/// So many contents of one unsynced file are told apart at most; beyond it the choice is sampled.
const MOST_VARIANTS: usize = 2048;
/// So many subsets of unsynced entry changes are told apart at most.
const MOST_SUBSETS: usize = 4096;

/// What is on the disk after a cut: paths, and contents for files.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub(crate) nodes: Vec<(String, Option<Hashed>)>,
    /// The last operation before the cut.
    pub(crate) after: usize,
    /// How many commands had begun, and whether the last of them was acknowledged.
    pub(crate) begun: usize,
    pub(crate) acknowledged: bool,
}

/// A content and what tells it from others.
pub(crate) type Hashed = (Bytes, u64);

/// How many states there were and how many of them differ in something that a program could see.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) explored: u64,
    pub(crate) distinct: u64,
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.explored += other.explored;
        self.distinct += other.distinct;
    }
}

/// Calls `visit` with each distinct state, until it says stop. At most about `budget` states are explored: boundaries
/// with few are explored wholly, those with more are sampled with what the others leave.
pub(crate) fn explore(log: &Log, budget: u64, visit: &mut dyn FnMut(Image) -> bool) -> Count {
    let mut quotas = quotas(&sizes(log), budget).into_iter();
    let mut seen = HashSet::new();
    let mut count = Count::default();
    walk(log, &mut |boundary| {
        boundary.visit(quotas.next().unwrap_or(0), &mut seen, &mut count, visit)
    });
    count
}

/// How many states there are at each boundary.
pub(crate) fn sizes(log: &Log) -> Vec<u64> {
    let mut sizes = Vec::new();
    walk(log, &mut |boundary| {
        sizes.push(boundary.size());
        true
    });
    sizes
}

/// Water-filling: the small ones whole, the rest shared equally.
pub(crate) fn quotas(sizes: &[u64], budget: u64) -> Vec<u64> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|index| sizes[*index]);
    let mut quotas = vec![0; sizes.len()];
    let mut left = budget;
    for (done, index) in order.into_iter().enumerate() {
        let share = left / (sizes.len() - done) as u64;
        quotas[index] = sizes[index].min(share.max(1));
        left = left.saturating_sub(quotas[index]);
    }
    quotas
}

/// What is synced and what is not yet, after an operation.
struct Boundary<'a> {
    log: &'a Log,
    durable: Disk,
    entries: Vec<Entries>,
    data: BTreeMap<Ino, Vec<Data>>,
    variants: HashMap<Ino, Arc<Vec<Hashed>>>,
    settled: HashMap<Ino, Hashed>,
    after: usize,
    begun: usize,
    acknowledged: bool,
}

fn walk(log: &Log, at: &mut dyn FnMut(&mut Boundary<'_>) -> bool) {
    let mut boundary = Boundary {
        log,
        durable: log.base.clone(),
        entries: Vec::new(),
        data: BTreeMap::new(),
        variants: HashMap::new(),
        settled: HashMap::new(),
        after: 0,
        begun: 0,
        acknowledged: true,
    };
    for (index, op) in log.ops.iter().enumerate() {
        boundary.after = index;
        if boundary.take(op) && !at(&mut boundary) {
            return;
        }
    }
}

impl Boundary<'_> {
    /// Whether anything changed that a cut could show.
    fn take(&mut self, op: &Op) -> bool {
        match op {
            Op::Start(command) => (self.begun, self.acknowledged) = (*command + 1, false),
            Op::Acknowledge(_) => self.acknowledged = true,
            Op::Data(ino, data) => {
                self.data.entry(*ino).or_default().push(data.clone());
                self.variants.remove(ino);
            }
            Op::Entries(entries) => self.entries.push(entries.clone()),
            Op::Sync(ino) => return self.sync(*ino),
        }
        true
    }

    fn sync(&mut self, ino: Ino) -> bool {
        let data = self.data.remove(&ino).unwrap_or_default();
        for data in &data {
            self.durable.set_data(ino, data);
        }
        self.variants.remove(&ino);
        self.settled.remove(&ino);
        let mut synced = false;
        let mut open = Vec::new();
        // From the last to the first: a slot that a later, now durable change has set is out of reach of earlier ones.
        let mut settled: Vec<(Ino, String)> = Vec::new();
        let mut durable = Vec::new();
        for mut entries in self.entries.drain(..).rev() {
            if entries.iter().any(|(dir, ..)| *dir == ino) {
                settled.extend(entries.iter().map(|(dir, name, _)| (*dir, name.clone())));
                durable.push(entries);
                synced = true;
            } else {
                entries.retain(|(dir, name, _)| !settled.contains(&(*dir, name.clone())));
                open.push(entries);
            }
        }
        open.retain(|entries| !entries.is_empty());
        open.reverse();
        self.entries = open;
        for entries in durable.iter().rev() {
            self.durable.set_entries(entries);
        }
        !data.is_empty() || synced
    }

    fn subsets(&self) -> Vec<Vec<bool>> {
        let count = self.entries.len();
        if count < usize::BITS as usize && 1 << count <= MOST_SUBSETS {
            return (0..1_usize << count)
                .map(|bits| (0..count).map(|bit| bits >> bit & 1 == 1).collect())
                .collect();
        }
        let mut subsets: Vec<Vec<bool>> = (0..=count)
            .map(|kept| (0..count).map(|bit| bit < kept).collect())
            .collect();
        for one in 0..count {
            subsets.push((0..count).map(|bit| bit != one).collect());
            subsets.push((0..count).map(|bit| bit == one).collect());
        }
        let mut random = Random(self.after as u64 + 1);
        while subsets.len() < MOST_SUBSETS {
            subsets.push((0..count).map(|_| random.below(2) == 1).collect());
        }
        subsets
    }

    /// The tree of a subset of entry changes, and which unsynced files are in it.
    fn tree(&mut self, subset: &[bool]) -> (Vec<(String, Ino, bool)>, Vec<Ino>) {
        let mut disk = Disk {
            files: BTreeMap::new(),
            folders: self.durable.folders.clone(),
        };
        for (entries, kept) in self.entries.iter().zip(subset) {
            if *kept {
                disk.set_entries(entries);
            }
        }
        let folders = &self.log.base.folders;
        let tree = disk.tree(&|ino| ino == ROOT || folders.contains_key(&ino));
        let mut open: Vec<_> = tree
            .iter()
            .map(|(_, ino, _)| *ino)
            .filter(|ino| self.data.contains_key(ino))
            .collect();
        open.sort_unstable();
        open.dedup();
        (tree, open)
    }

    fn size(&mut self) -> u64 {
        let mut size = 0_u64;
        for subset in self.subsets() {
            let open = self.tree(&subset).1;
            size = size.saturating_add(self.product(&open));
        }
        size
    }

    fn product(&mut self, open: &[Ino]) -> u64 {
        open.iter()
            .map(|ino| self.variants(*ino).len() as u64)
            .fold(1, u64::saturating_mul)
    }

    fn variants(&mut self, ino: Ino) -> Arc<Vec<Hashed>> {
        if let Some(known) = self.variants.get(&ino) {
            return known.clone();
        }
        let start = self.durable.files.get(&ino).cloned().unwrap_or_default();
        let pending = self.data.get(&ino).map(Vec::as_slice).unwrap_or_default();
        let made: Vec<_> = variants(&start, pending).into_iter().map(hashed).collect();
        let made = Arc::new(made);
        self.variants.insert(ino, made.clone());
        made
    }

    fn settled(&mut self, ino: Ino) -> Hashed {
        let durable = &self.durable;
        let make = || hashed(durable.files.get(&ino).cloned().unwrap_or_default());
        self.settled.entry(ino).or_insert_with(make).clone()
    }

    fn visit(
        &mut self,
        quota: u64,
        seen: &mut HashSet<u64>,
        count: &mut Count,
        visit: &mut dyn FnMut(Image) -> bool,
    ) -> bool {
        let subsets = self.subsets();
        let trees: Vec<_> = subsets.iter().map(|subset| self.tree(subset)).collect();
        let sizes: Vec<_> = trees.iter().map(|(_, open)| self.product(open)).collect();
        let total = sizes.iter().copied().fold(0, u64::saturating_add);
        let mut random = Random(self.after as u64 + 77);
        for index in 0..quota.min(total) {
            // Everything if it fits the quota, else both ends and a sample.
            let pick = match () {
                () if total <= quota => index,
                () if index == 0 => 0,
                () if index == 1 => total - 1,
                () => random.below(total),
            };
            let (tree, within) = locate(&sizes, pick);
            count.explored += 1;
            let image = self.image(&trees[tree], within);
            if seen.insert(image.1) {
                count.distinct += 1;
                if !visit(image.0) {
                    return false;
                }
            }
        }
        true
    }

    /// The state in which the unsynced files have the contents that `index` stands for.
    fn image(
        &mut self,
        (tree, open): &(Vec<(String, Ino, bool)>, Vec<Ino>),
        mut index: u64,
    ) -> (Image, u64) {
        let mut contents = HashMap::new();
        for ino in open {
            let variants = self.variants(*ino);
            let count = variants.len() as u64;
            let picked = variants[usize::try_from(index % count).unwrap_or(0)].clone();
            contents.insert(*ino, picked);
            index /= count;
        }
        let mut hasher = DefaultHasher::new();
        (self.begun, self.acknowledged).hash(&mut hasher);
        let mut nodes = Vec::with_capacity(tree.len());
        for (path, ino, folder) in tree {
            path.hash(&mut hasher);
            let content = (!folder).then(|| {
                contents
                    .get(ino)
                    .cloned()
                    .unwrap_or_else(|| self.settled(*ino))
            });
            content.as_ref().map(|(_, hash)| hash).hash(&mut hasher);
            nodes.push((path.clone(), content));
        }
        let image = Image {
            nodes,
            after: self.after,
            begun: self.begun,
            acknowledged: self.acknowledged,
        };
        (image, hasher.finish())
    }
}

fn locate(sizes: &[u64], mut pick: u64) -> (usize, u64) {
    for (index, size) in sizes.iter().enumerate() {
        if pick < *size {
            return (index, pick);
        }
        pick -= size;
    }
    (0, 0)
}

fn hashed(content: Vec<u8>) -> Hashed {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    (content.into(), hasher.finish())
}

/// The contents that a file with these unsynced operations may have.
fn variants(start: &[u8], pending: &[Data]) -> Vec<Vec<u8>> {
    let mut found = Found::default();
    found.add(start.to_vec());
    let mut so_far = start.to_vec();
    for data in pending {
        tear(&so_far, data, &mut found);
        apply(&mut so_far, data);
        found.add(so_far.clone());
    }
    for subset in subsets(pending.len()) {
        let mut content = start.to_vec();
        for (data, kept) in pending.iter().zip(subset) {
            if kept {
                apply(&mut content, data);
            }
        }
        found.add(content);
    }
    found.contents
}

#[derive(Default)]
struct Found {
    contents: Vec<Vec<u8>>,
    hashes: HashSet<u64>,
}

impl Found {
    fn add(&mut self, content: Vec<u8>) {
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        if self.contents.len() < MOST_VARIANTS && self.hashes.insert(hasher.finish()) {
            self.contents.push(content);
        }
    }
}

fn subsets(count: usize) -> Vec<Vec<bool>> {
    if count <= 6 {
        return (0..1_usize << count)
            .map(|bits| (0..count).map(|bit| bits >> bit & 1 == 1).collect())
            .collect();
    }
    (0..count)
        .map(|one| (0..count).map(|bit| bit != one).collect())
        .collect()
}

/// One write reaches the medium in parts: any of its sectors, with or without the length that covers them all, and with
/// zeros or the block's former content where nothing was written.
fn tear(before: &[u8], data: &Data, found: &mut Found) {
    let Data::Write { at, bytes } = data else {
        return;
    };
    let end = at + bytes.len();
    let sectors: Vec<(usize, usize)> = (at / SECTOR..end.div_ceil(SECTOR))
        .map(|sector| ((sector * SECTOR).max(*at), ((sector + 1) * SECTOR).min(end)))
        .collect();
    for kept in sector_subsets(sectors.len()) {
        for (grown, junk) in [(false, 0), (true, 0), (true, 0xa5)] {
            let mut content = before.to_vec();
            if grown && content.len() < end {
                content.resize(end, junk);
            }
            for ((from, to), _) in sectors.iter().zip(&kept).filter(|(_, kept)| **kept) {
                let part = &bytes[from - at..to - at];
                apply(
                    &mut content,
                    &Data::Write {
                        at: *from,
                        bytes: part.into(),
                    },
                );
            }
            found.add(content);
        }
    }
}

fn sector_subsets(count: usize) -> Vec<Vec<bool>> {
    if count <= 8 {
        return (0..1_usize << count)
            .map(|bits| (0..count).map(|bit| bits >> bit & 1 == 1).collect())
            .collect();
    }
    let mut subsets: Vec<Vec<bool>> = (0..=count)
        .map(|kept| (0..count).map(|bit| bit < kept).collect())
        .collect();
    for one in 0..count {
        subsets.push((0..count).map(|bit| bit != one).collect());
        subsets.push((0..count).map(|bit| bit >= one).collect());
    }
    let mut random = Random(count as u64);
    for _ in 0..256 {
        subsets.push((0..count).map(|_| random.below(2) == 1).collect());
    }
    subsets
}

/// `SplitMix64`, seeded by where we are, so that every run explores the same states.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit.max(1)
    }
}
