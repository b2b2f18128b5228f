//! Compound files (MS-CFB) whose chains of sectors never end.

/// A loop that is put into a file.
#[derive(Clone, Copy)]
pub enum Loop {
    /// The second sector of a stream is followed by its first one (2.3, FAT).
    Stream(&'static str),
    /// The directory's first sector is followed by itself.
    Directory,
    /// An entry of the directory has itself on its left (2.6.1).
    Entry(&'static str),
    /// The list of the FAT's sectors goes on in itself (2.5, DIFAT).
    Difat,
}

fn number(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize
}

fn put(bytes: &mut [u8], at: usize, number: u32) {
    bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
}

/// The file with a loop in it.
pub fn looped(file: &[u8], of: Loop) -> Vec<u8> {
    let mut bytes = file.to_vec();
    let sector = 1_usize << bytes[0x1E];
    let start = |number: usize| (number + 1) * sector;
    // Where the FAT says what follows a sector: its own sectors are listed from 0x4C on.
    let in_fat = |bytes: &[u8], number_of: usize| {
        let fat = number(bytes, 0x4C + 4 * (number_of / (sector / 4)));
        start(fat) + 4 * (number_of % (sector / 4))
    };
    let directory = number(&bytes, 0x30);
    let entry = |bytes: &[u8], name: &str| {
        let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        let mut at = directory;
        while at < 0xFFFF_FFF0 {
            let found = (0..sector / 128).map(|slot| start(at) + 128 * slot);
            if let Some(found) = found.into_iter().find(|found| bytes[*found..].starts_with(&name)) {
                return found;
            }
            at = number(bytes, in_fat(bytes, at));
        }
        panic!("it has no such entry");
    };
    match of {
        Loop::Stream(name) => {
            let first = number(&bytes, entry(&bytes, name) + 0x74);
            let second = number(&bytes, in_fat(&bytes, first));
            let at = in_fat(&bytes, second);
            put(&mut bytes, at, first as u32);
        }
        Loop::Directory => {
            let at = in_fat(&bytes, directory);
            put(&mut bytes, at, directory as u32);
        }
        Loop::Entry(name) => {
            let at = entry(&bytes, name);
            let slot = number(&bytes, entry(&bytes, "Root Entry") + 0x4C) as u32;
            put(&mut bytes, at + 0x44, slot);
            put(&mut bytes, at + 0x48, slot);
        }
        Loop::Difat => {
            // The sector of the FAT is taken for one of the list: its last number says where that goes on.
            let fat = number(&bytes, 0x4C);
            put(&mut bytes, 0x44, fat as u32);
            put(&mut bytes, 0x48, u32::MAX);
            let last = start(fat) + sector - 4;
            put(&mut bytes, last, fat as u32);
        }
    }
    bytes
}
