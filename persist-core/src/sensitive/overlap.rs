//! Whether texts overlap: one is in the other.
//!
//! Files with thousands of tokens exist, and texts that are made to look so: to try each secret on each text is quadratic, and
//! sorted secrets that are looked up at each place of a text still are where many begin alike. So the texts of one side are made a suffix
//! automaton (Blumer et al., "The smallest automaton recognizing the subwords of a text", 1985): a state for each set of pieces
//! that end at the same places, at most two states and three edges a byte. A text of the other side is then read once; at each byte
//! the state says what longest piece of the indexed texts ends here, which answers both questions, what is in the text and what the text is in.
//! The time is linear in both sides together, the memory (about 60 bytes a byte) in the indexed side.

use super::steps::count;

/// Characters from which on a secret is looked for in texts. Shorter ones are everywhere.
pub(super) const SECRET: usize = 3;
/// Characters from which on a text that is part of a secret gives it away.
pub(super) const PART: usize = 4;

/// Which of the `texts` have a secret in them, or are part of one.
pub(super) fn related(secrets: &[&str], texts: &[&str]) -> Vec<bool> {
    let bytes = |texts: &[&str]| texts.iter().map(|text| text.len()).sum::<usize>();
    // Mostly a few texts are compared with very many secrets, of which hardly any has to do with them.
    let near: Vec<&str> = if bytes(texts) < bytes(secrets) {
        let texts = Overlap::new(texts, PART);
        let touches = |secret: &&str| texts.touches(secret, SECRET);
        secrets.iter().copied().filter(touches).collect()
    } else {
        secrets.to_vec()
    };
    if near.is_empty() {
        return vec![false; texts.len()];
    }
    let secrets = Overlap::new(&near, SECRET);
    let is_related = |text: &&str| secrets.touches(text, PART);
    texts.iter().map(is_related).collect()
}

/// Texts, indexed by all that is in them.
pub(super) struct Overlap {
    states: Vec<State>,
    edges: Vec<Edge>,
    /// The edges of the first state, which is asked most.
    first: Box<[u32; 256]>,
    /// More text than can be numbered: everything is taken to overlap with it.
    beyond: bool,
}

/// The pieces that end at the same places: the longest of them, and its ends down to those that `link` has.
#[derive(Clone, Copy)]
struct State {
    len: u32,
    link: u32,
    /// The first of its edges, which are a list.
    edge: u32,
    /// Bytes of the shortest whole text that is an end of these pieces.
    whole: u32,
}

#[derive(Clone, Copy)]
struct Edge {
    byte: u8,
    to: u32,
    next: u32,
}

const ROOT: u32 = 0;
const NONE: u32 = u32::MAX;
/// Between texts. No text has this byte, since none is valid UTF-8 with it.
const END: u8 = 0xFF;

impl Overlap {
    /// Of `texts`, those of at least `least` characters are found in others as a whole.
    pub(super) fn new(texts: &[&str], least: usize) -> Overlap {
        let mut overlap = Overlap {
            states: Vec::new(),
            edges: Vec::new(),
            first: Box::new([NONE; 256]),
            beyond: false,
        };
        overlap.add(0, NONE);
        // Less can neither hold a secret nor be part of one.
        let is_long = |text: &&&str| has(text, SECRET);
        let texts: Vec<&str> = texts.iter().filter(is_long).copied().collect();
        let bytes: usize = texts.iter().map(|text| text.len() + 1).sum();
        overlap.beyond = bytes > (u32::MAX / 4) as usize;
        if overlap.beyond {
            return overlap;
        }
        let mut last = ROOT;
        for text in &texts {
            for byte in text.bytes().chain([END]) {
                last = overlap.push(last, byte);
            }
        }
        overlap.mark_whole(texts.into_iter().filter(|text| has(text, least)));
        overlap
    }

    /// Whether one of the texts is in `text` as a whole, or `text`, if it has at least `least` characters, in one of them.
    pub(super) fn touches(&self, text: &str, least: usize) -> bool {
        if self.beyond {
            return true;
        }
        let (mut at, mut len) = (ROOT, 0_usize);
        for byte in text.bytes() {
            let mut to = self.next(at, byte);
            while to == NONE && at != ROOT {
                at = self.state(at).link;
                len = self.state(at).len as usize;
                to = self.next(at, byte);
            }
            if to == NONE {
                continue;
            }
            (at, len) = (to, len + 1);
            if self.state(at).whole as usize <= len {
                return true;
            }
        }
        len == text.len() && has(text, least)
    }

    /// Notes at each state which whole text ends there.
    fn mark_whole<'t>(&mut self, texts: impl Iterator<Item = &'t str>) {
        for text in texts {
            let at = text.bytes().fold(ROOT, |at, byte| self.next(at, byte));
            let whole = &mut self.states[at as usize].whole;
            *whole = (*whole).min(u32::try_from(text.len()).unwrap_or(NONE));
        }
        // What a state's link has is an end of the state's pieces, too. Links lead to shorter pieces.
        let mut order: Vec<u32> = (1..).take(self.states.len() - 1).collect();
        order.sort_unstable_by_key(|at| self.state(*at).len);
        for at in order {
            let above = self.state(self.state(at).link).whole;
            let whole = &mut self.states[at as usize].whole;
            *whole = (*whole).min(above);
        }
    }

    /// The state of all that was pushed up to `byte`, `last` being the one before it.
    fn push(&mut self, last: u32, byte: u8) -> u32 {
        let new = self.add(self.state(last).len + 1, ROOT);
        let mut at = last;
        while at != NONE && self.next(at, byte) == NONE {
            self.connect(at, byte, new);
            at = self.state(at).link;
        }
        if at == NONE {
            return new;
        }
        let there = self.next(at, byte);
        if self.state(at).len + 1 == self.state(there).len {
            self.states[new as usize].link = there;
            return new;
        }
        // Some of the pieces of `there` now end at one place more than the others.
        let split = self.add(self.state(at).len + 1, self.state(there).link);
        self.copy_edges(there, split);
        while at != NONE && self.next(at, byte) == there {
            self.redirect(at, byte, split);
            at = self.state(at).link;
        }
        self.states[there as usize].link = split;
        self.states[new as usize].link = split;
        new
    }

    fn add(&mut self, len: u32, link: u32) -> u32 {
        self.states.push(State {
            len,
            link,
            edge: NONE,
            whole: NONE,
        });
        number(self.states.len() - 1)
    }

    fn state(&self, at: u32) -> State {
        self.states[at as usize]
    }

    /// Where `byte` leads from a state.
    fn next(&self, at: u32, byte: u8) -> u32 {
        count(1);
        if at == ROOT {
            return self.first[byte as usize];
        }
        self.edge(at, byte)
            .map_or(NONE, |edge| self.edges[edge as usize].to)
    }

    fn edge(&self, at: u32, byte: u8) -> Option<u32> {
        let mut edge = self.state(at).edge;
        while edge != NONE && self.edges[edge as usize].byte != byte {
            edge = self.edges[edge as usize].next;
        }
        Some(edge).filter(|edge| *edge != NONE)
    }

    fn connect(&mut self, at: u32, byte: u8, to: u32) {
        if at == ROOT {
            self.first[byte as usize] = to;
            return;
        }
        let next = self.state(at).edge;
        self.edges.push(Edge { byte, to, next });
        self.states[at as usize].edge = number(self.edges.len() - 1);
    }

    fn redirect(&mut self, at: u32, byte: u8, to: u32) {
        match self.edge(at, byte) {
            Some(edge) => self.edges[edge as usize].to = to,
            None => self.first[byte as usize] = to,
        }
    }

    fn copy_edges(&mut self, from: u32, to: u32) {
        let mut edge = self.state(from).edge;
        while edge != NONE {
            let Edge {
                byte,
                to: there,
                next,
            } = self.edges[edge as usize];
            self.connect(to, byte, there);
            edge = next;
        }
    }
}

/// Whether a text has at least so many characters.
fn has(text: &str, least: usize) -> bool {
    text.chars().nth(least - 1).is_some()
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("more text than has numbers is not indexed")
}
