//! What a decoder is told before the pictures: parameter sets and slice headers (ITU-T H.264, clauses 7.3.2 and 7.3.3).

use super::super::{bits::Bits, signal::Signal};

/// The quantizer of every residual (QP'). At 22 one step of a DC level is 32 in the luma transform and 64 in the chroma
/// transform, of which 64 make one unit of a sample: a whole offset of `d` is exactly the level `2 d`, or `d`.
const QP: i32 = 22;

/// Bits of `frame_num`.
const FRAME_NUM_LEN: u32 = 16;

/// Table A-1: (level_idc, MaxMBPS, MaxFS). The levels that only differ in bit rate or frame-store size from one that is
/// here are left out.
const LEVELS: [(u8, u32, u32); 13] = [
    (10, 1_485, 99),
    (11, 3_000, 396),
    (12, 6_000, 396),
    (20, 11_880, 396),
    (21, 19_800, 792),
    (22, 20_250, 1_620),
    (30, 40_500, 1_620),
    (31, 108_000, 3_600),
    (40, 245_760, 8_192),
    (50, 589_824, 22_080),
    (51, 983_040, 36_864),
    (52, 2_073_600, 36_864),
    (60, 4_177_920, 139_264),
];

/// What the pictures of a clip have in common.
#[derive(Clone, Copy)]
pub(in super::super) struct Format {
    /// Samples across, even.
    pub width: u32,
    /// Samples down, even.
    pub height: u32,
    /// Pictures a second, all as long.
    pub frames_per_second: u32,
    /// What the samples are.
    pub signal: Signal,
}

impl Format {
    /// Macroblocks across.
    pub fn columns(&self) -> usize {
        self.width.div_ceil(16) as usize
    }

    fn size_in_macroblocks(&self) -> (u32, u32) {
        (self.width.div_ceil(16), self.height.div_ceil(16))
    }

    /// The lowest level that allows this size at this rate: the picture size in macroblocks, its longer side at most
    /// the root of eight times that limit, and macroblocks a second.
    fn level(&self) -> u8 {
        let (columns, rows) = self.size_in_macroblocks();
        let (size, side) = (columns * rows, columns.max(rows));
        LEVELS
            .iter()
            .find(|(_, rate, limit)| {
                size <= *limit && side * side <= 8 * limit && size * self.frames_per_second <= *rate
            })
            .map_or(62, |(level, ..)| *level)
    }

    /// seq_parameter_set_rbsp: Constrained Baseline, or High 10 for 10 bits; output in decoding order, one reference
    /// picture.
    pub fn sequence_parameter_set(&self) -> Vec<u8> {
        let (columns, rows) = self.size_in_macroblocks();
        let mut bits = Bits::default();
        let depth = self.signal.depth();
        let (profile, constraints) = if depth == 8 { (66, 0b1100_0000) } else { (110, 0) };
        bits.u(profile, 8).u(constraints, 8).u(self.level().into(), 8);
        bits.ue(0); // seq_parameter_set_id
        if depth > 8 {
            bits.ue(1).ue(depth - 8).ue(depth - 8); // chroma_format_idc of 4:2:0, bit_depth_luma and _chroma_minus8
            bits.flag(false).flag(false); // qpprime_y_zero_transform_bypass_flag, seq_scaling_matrix_present_flag
        }
        bits.ue(FRAME_NUM_LEN - 4).ue(2); // log2_max_frame_num_minus4, pic_order_cnt_type
        bits.ue(1).flag(false); // max_num_ref_frames, gaps_in_frame_num_value_allowed_flag
        bits.ue(columns - 1).ue(rows - 1);
        bits.flag(true).flag(true); // frame_mbs_only_flag, direct_8x8_inference_flag
        let (right, bottom) = (columns * 16 - self.width, rows * 16 - self.height);
        bits.flag(right + bottom > 0);
        if right + bottom > 0 {
            bits.ue(0).ue(right / 2).ue(0).ue(bottom / 2); // in units of two samples
        }
        bits.flag(true); // vui_parameters_present_flag
        bits.flag(false).flag(false); // aspect_ratio_info_present_flag, overscan_info_present_flag
        bits.flag(true).u(5, 3).flag(false); // video_signal_type: unspecified format, limited range
        bits.flag(true); // colour_description_present_flag
        for code in self.signal.codes() {
            bits.u(code.into(), 8);
        }
        bits.flag(false); // chroma_loc_info_present_flag
        bits.flag(true).u(1, 32).u(2 * self.frames_per_second, 32).flag(true); // a tick is a field, at a fixed rate
        bits.flag(false).flag(false).flag(false); // nal_hrd, vcl_hrd, pic_struct_present_flag
        bits.flag(true).flag(true).ue(0).ue(0).ue(16).ue(16); // bitstream_restriction: no limits on sizes or vectors
        bits.ue(0).ue(1); // max_num_reorder_frames, max_dec_frame_buffering: show each picture at once
        bits.nal(0x67)
    }

    /// pic_parameter_set_rbsp: CAVLC, one slice group, deblocking told by each slice.
    pub fn picture_parameter_set(&self) -> Vec<u8> {
        let mut bits = Bits::default();
        bits.ue(0).ue(0); // pic_parameter_set_id, seq_parameter_set_id
        bits.flag(false).flag(false); // entropy_coding_mode_flag, bottom_field_pic_order_in_frame_present_flag
        bits.ue(0).ue(0).ue(0); // num_slice_groups_minus1, num_ref_idx_l0/l1_default_active_minus1
        bits.flag(false).u(0, 2); // weighted_pred_flag, weighted_bipred_idc
        let qp_bd_offset = 6 * (self.signal.depth() as i32 - 8); // QP' is the quantizer that is told and this
        bits.se(QP - qp_bd_offset - 26).se(0).se(0); // pic_init_qp_minus26, pic_init_qs_minus26, chroma_qp_index_offset
        bits.flag(true).flag(false).flag(false); // deblocking_filter_control_present, constrained_intra_pred, redundant_pic_cnt
        bits.nal(0x68)
    }
}

/// Whether a picture may refer to the one before it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Slice {
    /// An IDR picture: stands alone.
    I,
    P,
}

impl Slice {
    /// nal_ref_idc and nal_unit_type: every picture is a reference.
    pub fn nal_header(self) -> u8 {
        match self {
            Slice::I => 0x65,
            Slice::P => 0x61,
        }
    }

    /// slice_header of the only slice of picture `frame`, counted from the IDR picture.
    pub fn header(self, frame: u32) -> Bits {
        let mut bits = Bits::default();
        bits.ue(0); // first_mb_in_slice
        bits.ue(if self == Slice::I { 7 } else { 5 }).ue(0); // slice_type, pic_parameter_set_id
        bits.u(frame, FRAME_NUM_LEN);
        match self {
            Slice::I => bits.ue(0).flag(false).flag(false), // idr_pic_id, no_output_of_prior_pics, long_term_reference
            Slice::P => bits.flag(false).flag(false).flag(false), // num_ref_idx_override, list modification, marking
        };
        bits.se(0).ue(1); // slice_qp_delta, disable_deblocking_filter_idc: what is written is what is shown
        bits
    }
}
