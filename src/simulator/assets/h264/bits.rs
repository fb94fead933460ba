//! Bits as H.264 writes them, and the units that carry them.

/// A raw byte sequence payload (clause 7.2) under construction.
#[derive(Default)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    /// The bits that do not fill a byte yet, in the low end.
    pending: u64,
    pending_len: u32,
}

impl Bits {
    /// u(n): the low `len` bits of `value`, at most 32.
    pub fn u(&mut self, value: u32, len: u32) -> &mut Self {
        self.pending = (self.pending << len) | (u64::from(value) & ((1 << len) - 1));
        self.pending_len += len;
        while self.pending_len >= 8 {
            self.pending_len -= 8;
            self.bytes.push((self.pending >> self.pending_len) as u8);
        }
        self
    }

    /// u(1).
    pub fn flag(&mut self, value: bool) -> &mut Self {
        self.u(value.into(), 1)
    }

    /// ue(v): an unsigned Exp-Golomb code (clause 9.1).
    pub fn ue(&mut self, value: u32) -> &mut Self {
        let code = value + 1;
        let len = u32::BITS - code.leading_zeros();
        self.u(0, len - 1).u(code, len)
    }

    /// se(v): a signed Exp-Golomb code (clause 9.1.1).
    pub fn se(&mut self, value: i32) -> &mut Self {
        let magnitude = value.unsigned_abs() * 2;
        self.ue(if value > 0 { magnitude - 1 } else { magnitude })
    }

    /// Whole bytes, after zero bits up to the next byte.
    pub fn aligned<'a>(&mut self, bytes: impl IntoIterator<Item = &'a u8>) {
        self.u(0, (8 - self.pending_len) % 8);
        self.bytes.extend(bytes);
    }

    /// Closes the payload and wraps it into a NAL unit (clause 7.3.1): a three-byte sequence that could be taken for a
    /// start code gets an escape byte.
    pub fn into_nal(mut self, header: u8) -> Vec<u8> {
        self.flag(true).aligned([]);
        let mut nal = Vec::with_capacity(self.bytes.len() + 16);
        nal.push(header);
        let mut zeros = 0;
        for byte in self.bytes {
            if zeros >= 2 && byte <= 3 {
                nal.push(3);
                zeros = 0;
            }
            zeros = if byte == 0 { zeros + 1 } else { 0 };
            nal.push(byte);
        }
        nal
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn exp_golomb_codes_are_those_of_table_9_2() {
        for (value, code) in [(0, "1"), (1, "010"), (2, "011"), (3, "00100"), (7, "0001000"), (25, "000011010")] {
            let mut bits = Bits::default();
            bits.ue(value);
            let mut expected = Bits::default();
            code.bytes().for_each(|b| drop(expected.u((b - b'0').into(), 1)));
            assert_eq!(bits.into_nal(0), expected.into_nal(0), "ue({value})");
        }
        for (value, unsigned) in [(0, 0), (1, 1), (-1, 2), (2, 3), (-2, 4)] {
            let (mut signed, mut expected) = (Bits::default(), Bits::default());
            signed.se(value);
            expected.ue(unsigned);
            assert_eq!(signed.into_nal(0), expected.into_nal(0), "se({value})");
        }
    }

    #[test]
    fn no_unit_holds_a_start_code() {
        let mut bits = Bits::default();
        bits.aligned(&[0, 0, 0, 0, 0, 1, 0, 0, 4]);
        assert_eq!(bits.into_nal(0x65), [0x65, 0, 0, 3, 0, 0, 3, 0, 1, 0, 0, 4, 0x80]);
    }
}
