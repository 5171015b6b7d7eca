//! Putting role attributes together: a union of sets, in the order in which values were met first.
#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};

use keyledger_domain::policy::RoleAttributes;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

/// Few keys and few values, so that they meet; the same value may be there twice, as a member's may.
fn attributes() -> impl Strategy<Value = RoleAttributes> {
    let value = select(&["web", "shop", "s*", "größe"][..]).prop_map(str::to_owned);
    let key = select(&["a", "b", "c"][..]).prop_map(str::to_owned);
    btree_map(key, vec(value, 0..5), 0..3)
        .prop_map(|map| RoleAttributes::parse(map).expect("attributes"))
}

fn lists(of: &RoleAttributes) -> BTreeMap<String, Vec<String>> {
    of.iter()
        .map(|(key, values)| (key.to_owned(), values.to_vec()))
        .collect()
}

/// The pairs of a key and a value: all that a decision looks at.
fn pairs(of: &RoleAttributes) -> BTreeSet<(String, String)> {
    let of_key = |(key, values): (&str, &[String])| {
        let key = key.to_owned();
        let pair = move |value: &String| (key.clone(), value.clone());
        values.iter().map(pair).collect::<Vec<_>>()
    };
    of.iter().flat_map(of_key).collect()
}

fn two(one: &RoleAttributes, other: &RoleAttributes) -> RoleAttributes {
    one.union(std::iter::once(other))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_union_holds_what_each_holds_and_nothing_else(a in attributes(), b in attributes(), c in attributes()) {
        let all = a.union([&b, &c].into_iter());
        let expected: BTreeSet<_> = [&a, &b, &c].into_iter().flat_map(pairs).collect();
        prop_assert_eq!(pairs(&all), expected);
        let keys: BTreeSet<String> = [&a, &b, &c].into_iter().flat_map(|one| lists(one).into_keys()).collect();
        prop_assert_eq!(lists(&all).into_keys().collect::<BTreeSet<_>>(), keys);
    }

    /// Values of the one that were there twice stayed there twice.
    #[test]
    fn a_union_holds_each_value_once(a in attributes(), b in attributes()) {
        for (key, values) in two(&a, &b).iter() {
            let once: BTreeSet<&String> = values.iter().collect();
            prop_assert_eq!(once.len(), values.len(), "{}", key);
        }
    }

    #[test]
    fn values_stand_in_the_order_in_which_they_were_met(a in attributes(), b in attributes()) {
        for (key, values) in two(&a, &b).iter() {
            let mut met: Vec<String> = Vec::new();
            for value in a.get(key).iter().chain(b.get(key)) {
                if !met.contains(value) {
                    met.push(value.clone());
                }
            }
            prop_assert_eq!(values, met.as_slice(), "{}", key);
        }
    }

    #[test]
    fn a_union_says_the_same_however_it_is_put_together(a in attributes(), b in attributes(), c in attributes()) {
        let all = a.union([&b, &c].into_iter());
        prop_assert_eq!(&two(&two(&a, &b), &c), &all);
        prop_assert_eq!(&two(&a, &two(&b, &c)), &all);
        prop_assert_eq!(&two(&all, &all), &all, "again");
        prop_assert_eq!(&two(&all, &b), &all, "what is there already");
        prop_assert_eq!(pairs(&two(&b, &a)), pairs(&two(&a, &b)), "the other way round");
        prop_assert_eq!(pairs(&a.union(std::iter::empty())), pairs(&a));
    }
}
