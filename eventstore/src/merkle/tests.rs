//! The tree against its definition, and against the vectors of Certificate Transparency.

use proptest::prelude::*;

use super::*;

/// The leaves of the vectors that Certificate Transparency's implementations share.
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
/// The roots of their trees of one to eight leaves.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = (0..hex.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(hex.get(at..at + 2).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn the_roots_are_those_of_certificate_transparency() {
    let mut tree = Tree::default();
    assert_eq!(
        tree.root().to_vec(),
        bytes("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    );
    for (leaf, root) in LEAVES.iter().zip(ROOTS) {
        tree.push(&bytes(leaf));
        assert_eq!(tree.root().to_vec(), bytes(root));
    }
}

/// MTH of RFC 9162, word for word.
fn defined(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [one] => *one,
        many => {
            let mut k = 1;
            while k * 2 < many.len() {
                k *= 2;
            }
            node_hash(&defined(&many[..k]), &defined(&many[k..]))
        }
    }
}

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

fn tree(count: usize) -> Tree {
    let mut tree = Tree::default();
    for n in 0..count {
        tree.push(&n.to_be_bytes());
    }
    tree
}

fn tile(leaves: &[Hash], index: usize) -> &[Hash] {
    let first = index / TILE_LEAVES * TILE_LEAVES;
    &leaves[first.min(leaves.len())..(first + TILE_LEAVES).min(leaves.len())]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_leaf_is_proved_and_nothing_else(count in 1_usize..1_400, index: prop::sample::Index, other: prop::sample::Index, flip: prop::sample::Index) {
        let (leaves, tree) = (leaves(count), tree(count));
        prop_assert_eq!(tree.root(), defined(&leaves));
        let index = index.index(count);
        let proof = tree.inclusion(index, tile(&leaves, index)).unwrap();
        let (size, root) = (count as u64, tree.root());
        let check = |leaf: &Hash, index: u64, proof: &[Hash]| verify_inclusion(leaf, index, size, proof, &root);
        prop_assert_eq!(check(&leaves[index], index as u64, &proof), Ok(()));
        let other = other.index(count);
        if other != index {
            prop_assert!(check(&leaves[other], index as u64, &proof).is_err());
            prop_assert!(check(&leaves[index], other as u64, &proof).is_err());
        }
        prop_assert!(check(&leaves[index], size, &proof).is_err());
        if !proof.is_empty() {
            let mut wrong = proof.clone();
            let at = flip.index(proof.len() * 32);
            wrong[at / 32][at % 32] ^= 1;
            prop_assert!(check(&leaves[index], index as u64, &wrong).is_err());
            prop_assert!(check(&leaves[index], index as u64, &proof[1..]).is_err());
        }
        let mut longer = proof.clone();
        longer.push([7; 32]);
        prop_assert!(check(&leaves[index], index as u64, &longer).is_err());
    }

    #[test]
    fn a_tree_goes_on_from_each_earlier_one_and_from_no_other(count in 1_usize..1_400, size: prop::sample::Index, flip: prop::sample::Index) {
        let (leaves, tree) = (leaves(count), tree(count));
        let size = size.index(count) + 1;
        let proof = tree.consistency(size, tile(&leaves, size)).unwrap();
        let old = defined(&leaves[..size]);
        let check = |old: &Hash, proof: &[Hash]| {
            verify_consistency((size as u64, old), (count as u64, &tree.root()), proof)
        };
        prop_assert_eq!(check(&old, &proof), Ok(()), "{} of {}", size, count);
        prop_assert!(check(&[7; 32], &proof).is_err());
        if !proof.is_empty() {
            let mut wrong = proof.clone();
            let at = flip.index(proof.len() * 32);
            wrong[at / 32][at % 32] ^= 1;
            prop_assert!(check(&old, &wrong).is_err());
        }
    }
}

#[test]
fn what_is_outside_is_refused() {
    let (leaves, tree) = (leaves(300), tree(300));
    assert_eq!(
        tree.inclusion(300, tile(&leaves, 299)),
        Err(ProofError::Outside(300))
    );
    assert_eq!(
        tree.inclusion(0, tile(&leaves, 299)),
        Err(ProofError::WrongTile(0))
    );
    assert_eq!(tree.consistency(0, &[]), Err(ProofError::Outside(0)));
    assert_eq!(tree.consistency(301, &[]), Err(ProofError::Outside(301)));
    assert_eq!(
        tree.consistency(5, tile(&leaves, 299)),
        Err(ProofError::WrongTile(0))
    );
    assert_eq!(Tree::of_tiles(tree.tiles.clone()).len(), 256);
}
