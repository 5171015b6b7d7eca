//! A Merkle tree over the log, as RFC 9162 §2.1 (and RFC 6962 before it) defines it.
//!
//! A leaf is the hash of an event as the chain has it, which covers the whole event and everything before it.
//! Leaves are hashed in tiles of 256: of a full tile one hash is kept, so that ten million events take 1.3 MB and
//! a proof needs the leaves of one tile and nothing else of the log.

mod proof;

use sha2::{Digest as _, Sha256};

pub use proof::{Proof, ProofError, verify_consistency, verify_inclusion};

/// A hash of the tree.
pub type Hash = [u8; 32];

/// Leaves of a full tile.
pub const TILE_LEAVES: usize = 256;

/// The hash of a leaf.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(leaf);
    hash.finalize().into()
}

/// The hash of what is above two others.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

/// The largest power of two below a number above one.
fn split(leaves: usize) -> usize {
    1 << (usize::BITS - 1 - (leaves - 1).leading_zeros())
}

/// The root over hashes of leaves, or of full subtrees of one size, and then what is left over.
fn root_of(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => Sha256::digest([]).into(),
        [one] => *one,
        many => {
            let (left, right) = many.split_at(split(many.len()));
            node_hash(&root_of(left), &root_of(right))
        }
    }
}

/// The tree over a log, which grows at its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// The roots of full tiles.
    tiles: Vec<Hash>,
    /// The leaves after them, fewer than a tile has.
    rest: Vec<Hash>,
}

impl Tree {
    /// A tree of these full tiles, by their roots; leaves follow by [`Tree::push`].
    #[must_use]
    pub const fn of_tiles(tiles: Vec<Hash>) -> Self {
        Self {
            tiles,
            rest: Vec::new(),
        }
    }

    /// Adds a leaf; the root of the tile that it fills, if it fills one.
    pub fn push(&mut self, leaf: &[u8]) -> Option<Hash> {
        self.rest.push(leaf_hash(leaf));
        if self.rest.len() < TILE_LEAVES {
            return None;
        }
        let full = root_of(&self.rest);
        self.rest.clear();
        self.tiles.push(full);
        Some(full)
    }

    /// How many leaves there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.tiles.len() * TILE_LEAVES + self.rest.len()
    }

    /// Whether there is no leaf.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.over(0, self.tiles.len(), true)
    }

    /// The root over some full tiles, and over the leaves after the last if they are wanted.
    ///
    /// INVARIANT: full tiles are subtrees of the definition, because their size is a power of two; so the tree
    /// over tiles and rest splits as the tree over all leaves does.
    fn over(&self, first: usize, end: usize, with_rest: bool) -> Hash {
        let mut hashes: Vec<Hash> = self.tiles.get(first..end).unwrap_or_default().to_vec();
        if with_rest && !self.rest.is_empty() {
            hashes.push(root_of(&self.rest));
        }
        root_of(&hashes)
    }
}

#[cfg(test)]
mod tests;
