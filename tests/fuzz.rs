//! The kept corpus of `fuzz/`, as it is and after a few mutations that are the same each time: what must hold of any
//! bytes. The long, guided runs are `make fuzz`; what they find is kept in the corpus and so tried here for ever.

#![expect(clippy::disallowed_methods, reason = "this test reads the corpus")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "../fuzz/src/lib.rs"]
mod harness;

mod common;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use common::path;
use harness::TARGETS;

/// Mutations of each seed.
const ROUNDS: u64 = 12;

/// What is put into bytes: whatever these formats or the forms give a meaning.
const TOKENS: [&str; 24] = [
    "\t",
    "\n",
    "：",
    "（",
    "）",
    "《",
    "〔2019〕",
    "=3",
    "≥90%",
    "1,200",
    "项目名称：",
    "一级目标\t二级目标\t三级目标\t指标目标值\n",
    "财政项目支出绩效目标表",
    "(2019年度)",
    "<td rowspan=9>",
    "</table>",
    "<table>",
    "<!--",
    "&#x",
    "\\u-1 ",
    "{\\",
    "\0",
    "99999999999",
    "\u{FFFD}",
];

/// Numbers by xorshift64 (Marsaglia, 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }
}

/// Changes bytes in one to four places.
fn mutated(seed: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len() + 1);
        let end = (at + numbers.below(40)).min(bytes.len());
        match numbers.below(6) {
            0 => drop(bytes.drain(at..end)),
            1 => drop(bytes.splice(at..at, TOKENS[numbers.below(TOKENS.len())].bytes())),
            2 => {
                let part = bytes[at..end].to_vec();
                let to = numbers.below(bytes.len() + 1);
                bytes.splice(to..to, part);
            }
            3 => bytes.truncate(at.max(1)),
            4 => {
                let part = bytes[at..end].repeat(1 + numbers.below(50));
                bytes.splice(at..end, part);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = numbers.below(256) as u8;
                }
            }
        }
    }
    bytes
}

#[test]
fn what_must_hold_of_any_bytes_holds_of_the_corpus_and_near_it() {
    let mut tried = 0;
    for target in &TARGETS {
        let folder = path("fuzz/corpus").join(target.name);
        let mut seeds: Vec<_> =
            fs::read_dir(&folder).expect("a corpus").map(|entry| entry.expect("an entry").path()).collect();
        seeds.sort();
        assert!(!seeds.is_empty(), "{} has no corpus", target.name);
        for seed in seeds {
            let bytes = fs::read(&seed).expect("a file");
            for round in 0..=ROUNDS {
                let input = if round == 0 { bytes.clone() } else { mutated(&bytes, &mut Numbers(round)) };
                let checked = catch_unwind(AssertUnwindSafe(|| target.check(&input)));
                let problem = match checked {
                    Ok(Ok(())) => None,
                    Ok(Err(problem)) => Some(problem),
                    Err(_) => Some("a panic, see above".into()),
                };
                assert!(problem.is_none(), "{} round {round}: {problem:?}", seed.display());
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "{tried} inputs were tried");
}
