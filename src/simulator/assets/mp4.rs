//! The MP4 around a clip (ISO/IEC 14496-12 and -15): the index first, so that a player can begin before it has all.

use mp4_atom::{
    Avc1, Avcc, Codec, Colr, Dinf, Dref, DrefEntry, Encode, Ftyp, Hdlr, Mdat, Mdhd, Mdia, Minf, Moov, Mvhd, Result,
    Stbl, Stco, Stsc, StscEntry, Stsd, Stss, Stsz, StszSamples, Stts, SttsEntry, Tkhd, Trak, Url, Visual, Vmhd,
};

/// What goes in.
pub(super) struct Track {
    pub width: u32,
    pub height: u32,
    pub frames_per_second: u32,
    /// Sequence and picture parameter set, as NAL units.
    pub parameter_sets: [Vec<u8>; 2],
    /// One NAL unit for each picture, the first of which stands alone.
    pub samples: Vec<Vec<u8>>,
}

/// The file.
pub(super) fn file(track: &Track) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    Ftyp {
        major_brand: b"isom".into(),
        minor_version: 0x200,
        compatible_brands: vec![b"isom".into(), b"iso2".into(), b"avc1".into(), b"mp41".into()],
    }
    .encode(&mut file)?;
    // The index holds the place of the data, which lies after it: its length has to be known first.
    let mut index = Vec::new();
    movie(track, 0)?.encode(&mut index)?;
    movie(track, (file.len() + index.len() + 8) as u32)?.encode(&mut file)?;
    let mut data = Vec::new();
    for sample in &track.samples {
        data.extend((sample.len() as u32).to_be_bytes());
        data.extend(sample);
    }
    Mdat { data }.encode(&mut file)?;
    Ok(file)
}

fn movie(track: &Track, data_at: u32) -> Result<Moov> {
    let (width, height) = (track.width as u16, track.height as u16);
    let [sequence, picture] = &track.parameter_sets;
    let count = track.samples.len() as u32;
    let sizes = track.samples.iter().map(|sample| sample.len() as u32 + 4).collect();
    let duration = count.into();
    let codec = Codec::Avc1(Avc1 {
        visual: Visual { data_reference_index: 1, width, height, ..Visual::default() },
        avcc: Avcc::new(sequence, picture)?,
        colr: Some(Colr::new(1, 1, 1, false)?),
        ..Avc1::default()
    });
    let samples = Stbl {
        stsd: Stsd { codecs: vec![codec] },
        stts: Stts { entries: vec![SttsEntry { sample_count: count, sample_delta: 1 }] },
        stss: Some(Stss { entries: vec![1] }),
        stsc: Stsc {
            entries: vec![StscEntry { first_chunk: 1, samples_per_chunk: count, sample_description_index: 1 }],
        },
        stsz: Stsz { samples: StszSamples::Different { sizes } },
        stco: Some(Stco { entries: vec![data_at] }),
        ..Stbl::default()
    };
    let media = Mdia {
        mdhd: Mdhd { timescale: track.frames_per_second, duration, language: "und".into(), ..Mdhd::default() },
        hdlr: Hdlr { handler: b"vide".into(), name: "video".into() },
        minf: Minf {
            vmhd: Some(Vmhd::default()),
            dinf: Dinf { dref: Dref { entries: vec![DrefEntry::Url(Url::default())] } },
            stbl: samples,
            ..Minf::default()
        },
    };
    let header = Tkhd {
        track_id: 1,
        duration,
        enabled: true,
        in_movie: true,
        width: width.into(),
        height: height.into(),
        ..Tkhd::default()
    };
    Ok(Moov {
        mvhd: Mvhd {
            timescale: track.frames_per_second,
            duration,
            rate: 1.into(),
            volume: 1.into(),
            next_track_id: 2,
            ..Mvhd::default()
        },
        trak: vec![Trak { tkhd: header, mdia: media, ..Trak::default() }],
        ..Moov::default()
    })
}
