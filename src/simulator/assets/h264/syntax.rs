//! The codes and units of H.264 (clauses 7.3.1 and 9.1).

use super::super::bits::Bits;

impl Bits {
    /// ue(v): an unsigned Exp-Golomb code.
    pub fn ue(&mut self, value: u32) -> &mut Self {
        let code = value + 1;
        let len = u32::BITS - code.leading_zeros();
        self.u(0, len - 1).u(code, len)
    }

    /// se(v): a signed Exp-Golomb code.
    pub fn se(&mut self, value: i32) -> &mut Self {
        let magnitude = value.unsigned_abs() * 2;
        self.ue(if value > 0 { magnitude - 1 } else { magnitude })
    }

    /// These bits as a NAL unit: closed with a one, and with an escape byte in each sequence of three that a reader could
    /// take for a start code.
    pub fn nal(&mut self, header: u8) -> Vec<u8> {
        self.flag(true).align();
        let mut nal = Vec::with_capacity(self.as_bytes().len() + 16);
        nal.push(header);
        let mut zeros = 0;
        for byte in self.as_bytes() {
            if zeros == 2 && *byte <= 3 {
                nal.push(3);
                zeros = 0;
            }
            zeros = if *byte == 0 { zeros + 1 } else { 0 };
            nal.push(*byte);
        }
        nal
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn exp_golomb_codes_are_those_of_table_9_2() {
        let unsigned = [(0, "1"), (1, "010"), (2, "011"), (3, "00100"), (7, "0001000"), (25, "000011010")];
        for (value, code) in unsigned {
            let mut expected = Bits::default();
            for bit in code.chars() {
                expected.flag(bit == '1');
            }
            assert_eq!(Bits::default().ue(value).nal(0), expected.nal(0), "ue({value})");
        }
        for (value, unsigned) in [(0, 0), (1, 1), (-1, 2), (2, 3), (-2, 4)] {
            assert_eq!(Bits::default().se(value).nal(0), Bits::default().ue(unsigned).nal(0), "se({value})");
        }
    }

    #[test]
    fn no_unit_holds_a_start_code() {
        let mut bits = Bits::default();
        for byte in [0, 0, 0, 0, 0, 1, 0, 0, 4] {
            bits.u(byte, 8);
        }
        assert_eq!(bits.nal(0x65), [0x65, 0, 0, 3, 0, 0, 3, 0, 1, 0, 0, 4, 0x80]);
    }
}
