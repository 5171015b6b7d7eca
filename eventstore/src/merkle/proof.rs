//! Proofs: that an event is in the tree, and that a later tree goes on from an earlier one.

use super::{Hash, TILE_LEAVES, Tree, node_hash, root_of, split};

/// The hashes of a proof, from the leaf upwards. At most 63 for a tree that a log can have.
pub type Proof = Vec<Hash>;

/// Why a proof cannot be made, or proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf, or the smaller tree, is not within the tree.
    #[error("there is no leaf {0} in the tree")]
    Outside(u64),
    /// The leaves that were given are not those of the tile.
    #[error("the leaves are not those of tile {0}")]
    WrongTile(u64),
    /// The hashes do not lead to the root.
    #[error("the proof does not lead to the root")]
    Mismatch,
}

/// The hashes beside the way from a leaf up to the root over all of these.
fn path_within(hashes: &[Hash], index: usize, path: &mut Proof) {
    if hashes.len() < 2 {
        return;
    }
    let (left, right) = hashes.split_at(split(hashes.len()));
    if let Some(index) = index.checked_sub(left.len()) {
        path_within(right, index, path);
        path.push(root_of(left));
    } else {
        path_within(left, index, path);
        path.push(root_of(right));
    }
}

impl Tree {
    /// The tile of a leaf, or where the leaves after the last full tile begin.
    #[must_use]
    pub const fn tile_of(index: usize) -> usize {
        index / TILE_LEAVES
    }

    /// Proves that a leaf, counted from 0, is in the tree. `leaves` are the hashes of the leaves of its tile.
    ///
    /// # Errors
    /// [`ProofError::Outside`]; [`ProofError::WrongTile`] when the leaves are others.
    pub fn inclusion(&self, index: usize, leaves: &[Hash]) -> Result<Proof, ProofError> {
        if index >= self.len() {
            return Err(ProofError::Outside(index as u64));
        }
        let tile = Self::tile_of(index);
        let expected = match self.tiles.get(tile) {
            Some(full) => *full,
            None => root_of(&self.rest),
        };
        if root_of(leaves) != expected {
            return Err(ProofError::WrongTile(tile as u64));
        }
        let mut path = Proof::new();
        path_within(leaves, index % TILE_LEAVES, &mut path);
        let mut upper = self.tiles.clone();
        if !self.rest.is_empty() {
            upper.push(root_of(&self.rest));
        }
        path_within(&upper, tile, &mut path);
        Ok(path)
    }

    /// Proves that the tree goes on from the one that its first `size` leaves made. `leaves` are the hashes of the
    /// leaves of the tile in which that one ended.
    ///
    /// # Errors
    /// As [`Tree::inclusion`].
    pub fn consistency(&self, size: usize, leaves: &[Hash]) -> Result<Proof, ProofError> {
        if size == 0 || size > self.len() {
            return Err(ProofError::Outside(size as u64));
        }
        let mut proof = Proof::new();
        if size == self.len() {
            return Ok(proof);
        }
        let mut upper = self.tiles.clone();
        if !self.rest.is_empty() {
            upper.push(root_of(&self.rest));
        }
        let (tile, within) = (size / TILE_LEAVES, size % TILE_LEAVES);
        if within == 0 {
            consistent_within(&upper, tile, true, &mut proof);
            return Ok(proof);
        }
        let expected = upper.get(tile).copied();
        if expected != Some(root_of(leaves)) || leaves.len() <= within && tile < self.tiles.len() {
            return Err(ProofError::WrongTile(tile as u64));
        }
        // The part below the tile's root first, as the definition has it; the tile is whole in the old tree only
        // where it is the first.
        consistent_within(leaves, within, tile == 0, &mut proof);
        path_within(&upper, tile, &mut proof);
        Ok(proof)
    }
}

/// RFC 9162 §2.1.4.1 over hashes of equal subtrees, the last of which may be smaller.
fn consistent_within(hashes: &[Hash], size: usize, whole: bool, proof: &mut Proof) {
    if size == hashes.len() {
        if !whole {
            proof.push(root_of(hashes));
        }
        return;
    }
    let (left, right) = hashes.split_at(split(hashes.len()));
    if size <= left.len() {
        consistent_within(left, size, whole, proof);
        proof.push(root_of(right));
    } else {
        consistent_within(right, size - left.len(), false, proof);
        proof.push(root_of(left));
    }
}

/// Checks that a leaf is the one of an index in the tree of a size with a root (RFC 9162 §2.1.3.2).
///
/// # Errors
/// [`ProofError`].
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Outside(index));
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for beside in proof {
        if last == 0 {
            return Err(ProofError::Mismatch);
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(beside, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    if last == 0 && hash == *root {
        Ok(())
    } else {
        Err(ProofError::Mismatch)
    }
}

/// Checks that the tree of a size with a root goes on from a smaller one (RFC 9162 §2.1.4.2).
///
/// # Errors
/// [`ProofError`].
pub fn verify_consistency(
    (old_size, old_root): (u64, &Hash),
    (size, root): (u64, &Hash),
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old_size == 0 || old_size > size {
        return Err(ProofError::Outside(old_size));
    }
    if old_size == size {
        let same = proof.is_empty() && old_root == root;
        return if same {
            Ok(())
        } else {
            Err(ProofError::Mismatch)
        };
    }
    let mut hashes = proof.iter();
    let first = if old_size.is_power_of_two() {
        *old_root
    } else {
        *hashes.next().ok_or(ProofError::Mismatch)?
    };
    let (mut at, mut last) = (old_size - 1, size - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (first, first);
    for beside in hashes {
        if last == 0 {
            return Err(ProofError::Mismatch);
        }
        if at & 1 == 1 || at == last {
            old = node_hash(beside, &old);
            new = node_hash(beside, &new);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    if last == 0 && old == *old_root && new == *root {
        Ok(())
    } else {
        Err(ProofError::Mismatch)
    }
}
