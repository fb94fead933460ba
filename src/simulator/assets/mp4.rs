//! The MP4 around a clip (ISO/IEC 14496-12 and -15): the index first, so that a player can begin before it has all.

use mp4_atom::{
    Avc1, Avcc, AvccExt, Colr, Dinf, Dref, DrefEntry, Encode, Ftyp, Hdlr, Mdat, Mdhd, Mdia, Minf, Moov, Mvhd, Result,
    Stbl, Stco, Stsc, StscEntry, Stsd, Stss, Stsz, StszSamples, Stts, SttsEntry, Tkhd, Trak, Url, Visual, Vmhd,
};

use super::signal::Signal;

/// The pictures of a clip in H.264.
pub(super) struct Track {
    pub width: u32,
    pub height: u32,
    pub signal: Signal,
    /// Sequence and picture parameter set, as NAL units.
    pub parameter_sets: [Vec<u8>; 2],
    pub frames_per_second: u32,
    /// Each picture as one NAL unit after its length. Only the first stands alone.
    pub samples: Vec<Vec<u8>>,
}

/// The file of a clip.
pub(super) fn file(track: &Track) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    Ftyp {
        major_brand: b"isom".into(),
        minor_version: 0x200,
        compatible_brands: [b"isom", b"iso2", b"avc1", b"mp41"].map(Into::into).to_vec(),
    }
    .encode(&mut file)?;
    // The index names the place of the data, which comes after it: its own length has to be known first.
    let mut index = Vec::new();
    movie(track, 0)?.encode(&mut index)?;
    movie(track, file.len() + index.len() + 8)?.encode(&mut file)?;
    Mdat { data: track.samples.concat() }.encode(&mut file)?;
    Ok(file)
}

/// A movie of one track, whose pictures are one chunk at `data_at`.
fn movie(track: &Track, data_at: usize) -> Result<Moov> {
    let Track { width, height, frames_per_second: timescale, .. } = *track;
    let duration = track.samples.len() as u64;
    let mvhd = Mvhd { timescale, duration, rate: 1.into(), volume: 1.into(), next_track_id: 2, ..Mvhd::default() };
    let tkhd = Tkhd {
        track_id: 1,
        duration,
        enabled: true,
        in_movie: true,
        width: (width as u16).into(),
        height: (height as u16).into(),
        ..Tkhd::default()
    };
    let minf = Minf {
        vmhd: Some(Vmhd::default()),
        dinf: Dinf { dref: Dref { entries: vec![DrefEntry::Url(Url::default())] } },
        stbl: sample_table(track, data_at)?,
        ..Minf::default()
    };
    let mdhd = Mdhd { timescale, duration, language: "und".into(), ..Mdhd::default() };
    let hdlr = Hdlr { handler: b"vide".into(), name: String::new() };
    let trak = Trak { tkhd, mdia: Mdia { mdhd, hdlr, minf }, ..Trak::default() };
    Ok(Moov { mvhd, trak: vec![trak], ..Moov::default() })
}

fn sample_table(track: &Track, data_at: usize) -> Result<Stbl> {
    let Track { width, height, signal, parameter_sets: [sequence, picture], samples, .. } = track;
    let count = samples.len() as u32;
    let visual = Visual { data_reference_index: 1, width: *width as u16, height: *height as u16, ..Visual::default() };
    let depth = signal.depth() as u8;
    // The profile of 8 bits has no words for depth.
    let ext = (depth > 8).then(|| AvccExt { bit_depth_luma: depth, bit_depth_chroma: depth, ..AvccExt::default() });
    let avcc = Avcc { ext, ..Avcc::new(sequence, picture)? };
    let [primaries, transfer, matrix] = signal.codes().map(u16::from);
    let colr = Some(Colr::new(primaries, transfer, matrix, false)?);
    let chunk = StscEntry { first_chunk: 1, samples_per_chunk: count, sample_description_index: 1 };
    let sizes = samples.iter().map(|sample| sample.len() as u32).collect();
    Ok(Stbl {
        stsd: Stsd { codecs: vec![Avc1 { visual, avcc, colr, ..Avc1::default() }.into()] },
        stts: Stts { entries: vec![SttsEntry { sample_count: count, sample_delta: 1 }] },
        stss: Some(Stss { entries: vec![1] }),
        stsc: Stsc { entries: vec![chunk] },
        stsz: Stsz { samples: StszSamples::Different { sizes } },
        stco: Some(Stco { entries: vec![data_at as u32] }),
        ..Stbl::default()
    })
}
