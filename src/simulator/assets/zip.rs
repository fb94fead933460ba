//! ZIP: files that are stored as they are, by PKWARE's APPNOTE 6.3.

use crc::{CRC_32_ISO_HDLC, Crc};

const CRC_32: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);
/// 1 January 1980, when its calendar begins.
const EPOCH: u16 = 0x21;

/// An archive of these files.
pub(super) fn store(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let at = archive.len() as u32;
        let entry = entry(name, bytes);
        archive.extend([b"PK\x03\x04".as_slice(), &entry, name.as_bytes(), bytes].concat());
        // By whom it was made, then the same, then no comment, disk 0, no attributes, and where the file is.
        let rest = [&[0; 10], at.to_le_bytes().as_slice(), name.as_bytes()].concat();
        directory.extend([b"PK\x01\x02\x14\0".as_slice(), &entry, &rest].concat());
    }
    let (count, size, at) = (files.len() as u16, directory.len() as u32, archive.len() as u32);
    let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
    end.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    end.extend([size.to_le_bytes(), at.to_le_bytes()].concat());
    end.extend([0, 0]);
    [archive, directory, end].concat()
}

/// What a file's own header and the directory both say of it.
fn entry(name: &str, bytes: &[u8]) -> Vec<u8> {
    let size = (bytes.len() as u32).to_le_bytes();
    let [version, flags, method, time, date] = [20, 0, 0, 0, EPOCH].map(u16::to_le_bytes);
    let [name, extra] = [name.len() as u16, 0].map(u16::to_le_bytes);
    [
        [version, flags, method, time, date].as_flattened(),
        &CRC_32.checksum(bytes).to_le_bytes(),
        &size,
        &size,
        &name,
        &extra,
    ]
    .concat()
}
