//! Where the rows of a table are cut into files: by what the rows are, never by the order in which they came.
//!
//! The documents of a table stand in the order of their sources. A file may begin only at a document whose source hashes
//! to a small number, so that one document more or less moves no cut but its own: the files before and after it stay as
//! they are, byte for byte. (Content-defined chunking, as of backup programs, with whole documents in place of bytes.) So a
//! warehouse that grew every night has the files of one that was written at once.
//!
//! How small the number has to be depends on how many rows there are in all, so that there are about [`MOST_PARTS`] files
//! in a year at most; it changes when their number doubles, and then all files of that year are written anew.

use std::ops::Range;

use jixiao_model::hash;

/// About how many forms, or sources, a file has at least: a night's new documents cost a few times that much.
pub(crate) const LEAST: u64 = 1024;
/// About how many files a table has in a year at most: each costs a query about 0.2 ms.
const MOST_PARTS: u64 = 64;

/// The ranges of members, each given by its source and its weight (of how many forms it is), that are a file each.
/// Members are in the order of their sources. `least` is [`LEAST`], but in tests of small warehouses.
pub(crate) fn cut<'a>(
    members: impl Iterator<Item = (&'a str, u64)> + Clone,
    least: u64,
) -> Vec<Range<usize>> {
    let total: u64 = members.clone().map(|(_, weight)| weight).sum();
    let size = total.div_ceil(MOST_PARTS).next_power_of_two().max(least);
    let mut parts: Vec<Range<usize>> = Vec::new();
    for (index, (source, weight)) in members.enumerate() {
        match parts.last_mut() {
            Some(part) if !may_begin(source, weight, size) => part.end = index + 1,
            _ => parts.push(index..index + 1),
        }
    }
    parts
}

/// Whether a file may begin at a source: by chance (of its hash), and the likelier the more forms it holds, so that files
/// are of about `size` forms, however many a document has.
fn may_begin(source: &str, weight: u64, size: u64) -> bool {
    let hash = hash::sha256(source.as_bytes());
    let number = hash.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0);
    number < (u64::MAX / size).saturating_mul(weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(sources: &[String]) -> Vec<&[String]> {
        let members = sources.iter().map(|source| (source.as_str(), 1));
        cut(members, LEAST).into_iter().map(|part| &sources[part]).collect()
    }

    fn sources(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("2020/{number:06}.html")).collect()
    }

    #[test]
    fn parts_cover_all_members_in_order() {
        for count in [0, 1, 2, 1000, 20_000] {
            let sources = sources(count);
            assert_eq!(parts(&sources).concat(), sources);
        }
        assert!(parts(&sources(1000)).len() < 5);
        let many = parts(&sources(200_000)).len();
        assert!((20..100).contains(&many), "{many}");
    }

    #[test]
    fn one_member_more_or_less_moves_at_most_its_own_cut() {
        let all = sources(20_000);
        let whole = parts(&all);
        for gone in (0..all.len()).step_by(997) {
            let mut fewer = all.clone();
            let source = fewer.remove(gone);
            let others = parts(&fewer).into_iter().filter(|part| !whole.contains(part)).count();
            assert!(others <= 2, "without {source}: {others} other parts");
        }
    }

    #[test]
    fn heavy_members_make_parts_of_fewer_members() {
        let all = sources(20_000);
        let heavy = cut(all.iter().map(|source| (source.as_str(), 10)), LEAST).len();
        let light = cut(all.iter().map(|source| (source.as_str(), 1)), LEAST).len();
        assert!(heavy > 2 * light, "{heavy} and {light}");
    }
}
