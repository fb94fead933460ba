//! Bits that need not fill bytes.

/// A sequence of bits under construction, the most significant bit of each number first.
#[derive(Default)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    /// The bits that do not fill a byte yet, in the low end.
    pending: u64,
    pending_len: u32,
}

impl Bits {
    /// The low `len` bits of `value`, at most 32.
    pub fn u(&mut self, value: u32, len: u32) -> &mut Self {
        self.pending = (self.pending << len) | (u64::from(value) & ((1 << len) - 1));
        self.pending_len += len;
        while self.pending_len >= 8 {
            self.pending_len -= 8;
            self.bytes.push((self.pending >> self.pending_len) as u8);
        }
        self
    }

    /// One bit.
    pub fn flag(&mut self, value: bool) -> &mut Self {
        self.u(value.into(), 1)
    }

    /// Zero bits up to the next byte.
    pub fn align(&mut self) -> &mut Self {
        self.u(0, (8 - self.pending_len) % 8)
    }

    /// The whole bytes so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}
