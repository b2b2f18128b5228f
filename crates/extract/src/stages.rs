//! Two steps of this stage one by one, for `make bench`, where [`blocks()`](crate::blocks) and [`read()`](crate::read())
//! are measured as they are.

use crate::read::Blocks;
use crate::row::rows;
use crate::split::regions;

pub use crate::decode::decode;

/// How many forms, or tables of forms, the blocks of a document hold.
pub fn split(blocks: &Blocks<'_>) -> usize {
    regions(&rows(&blocks.pages.blocks)).len()
}
