//! The MP4 around a clip (ISO/IEC 14496-12 and -15): the index first, so that a player can begin before it has all.

use mp4_atom::{
    Audio, Avc1, Avcc, AvccExt, Codec, Colr, Dfla, Dinf, Dref, DrefEntry, Encode, Flac, FlacMetadataBlock, Ftyp, Hdlr,
    Mdat, Mdhd, Mdia, Minf, Moov, Mvhd, Result, Smhd, Stbl, Stco, Stsc, StscEntry, Stsd, Stss, Stsz, StszSamples, Stts,
    SttsEntry, Tkhd, Trak, Url, Visual, Vmhd,
};

use super::signal::Signal;

/// What a track is of.
pub(super) enum Media {
    /// H.264: each sample is one NAL unit after its length, and only the first picture stands alone.
    Video {
        width: u32,
        height: u32,
        signal: Signal,
        /// Sequence and picture parameter set, as NAL units.
        parameter_sets: [Vec<u8>; 2],
    },
    /// FLAC in mono, 16 bits, as many samples a second as the track has units.
    Sound,
}

/// A track of samples, each of which lasts as long as the others, but the last one, which may be shorter.
pub(super) struct Track {
    pub media: Media,
    /// Units in a second.
    pub timescale: u32,
    /// Units that a sample lasts.
    pub sample_duration: u32,
    /// Units that all samples last.
    pub duration: u32,
    pub samples: Vec<Vec<u8>>,
}

/// The file of a clip and, if it has one, its sound.
pub(super) fn file(video: &Track, sound: Option<&Track>) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    Ftyp {
        major_brand: b"isom".into(),
        minor_version: 0x200,
        compatible_brands: [b"isom", b"iso2", b"avc1", b"mp41"].map(Into::into).to_vec(),
    }
    .encode(&mut file)?;
    // The index tells where the data lies, which comes after it: its own length has to be known first.
    let mut index = Vec::new();
    movie(video, sound, 0)?.encode(&mut index)?;
    movie(video, sound, file.len() + index.len() + 8)?.encode(&mut file)?;
    // Sound is short and comes first, so that a player is never without it.
    let samples = sound.into_iter().chain([video]).flat_map(|track| &track.samples);
    Mdat { data: samples.flatten().copied().collect() }.encode(&mut file)?;
    Ok(file)
}

fn movie(video: &Track, sound: Option<&Track>, data_at: usize) -> Result<Moov> {
    let sound_len = sound.map_or(0, |track| track.samples.iter().map(Vec::len).sum());
    let duration = video.duration.into();
    let mut tracks = vec![track(video, 1, duration, data_at + sound_len)?];
    if let Some(sound) = sound {
        tracks.push(track(sound, 2, duration, data_at)?);
    }
    let header = Mvhd {
        timescale: video.timescale,
        duration,
        rate: 1.into(),
        volume: 1.into(),
        next_track_id: 3,
        ..Mvhd::default()
    };
    Ok(Moov { mvhd: header, trak: tracks, ..Moov::default() })
}

/// One track, in one chunk at `data_at`, in a movie of that duration.
fn track(track: &Track, track_id: u32, movie_duration: u64, data_at: usize) -> Result<Trak> {
    let header = Tkhd { track_id, duration: movie_duration, enabled: true, in_movie: true, ..Tkhd::default() };
    let minf = Minf {
        dinf: Dinf { dref: Dref { entries: vec![DrefEntry::Url(Url::default())] } },
        stbl: sample_table(track, data_at)?,
        ..Minf::default()
    };
    let (header, minf, handler) = match track.media {
        Media::Video { width, height, .. } => {
            let header = Tkhd { width: (width as u16).into(), height: (height as u16).into(), ..header };
            (header, Minf { vmhd: Some(Vmhd::default()), ..minf }, b"vide")
        }
        Media::Sound => (Tkhd { volume: 1.into(), ..header }, Minf { smhd: Some(Smhd::default()), ..minf }, b"soun"),
    };
    let mdhd =
        Mdhd { timescale: track.timescale, duration: track.duration.into(), language: "und".into(), ..Mdhd::default() };
    let hdlr = Hdlr { handler: handler.into(), name: String::new() };
    Ok(Trak { tkhd: header, mdia: Mdia { mdhd, hdlr, minf }, ..Trak::default() })
}

fn sample_table(track: &Track, data_at: usize) -> Result<Stbl> {
    let count = track.samples.len() as u32;
    let last = track.duration - (count - 1) * track.sample_duration;
    let durations = [(count - 1, track.sample_duration), (1, last)];
    let entries = durations
        .into_iter()
        .filter(|(sample_count, _)| *sample_count > 0)
        .map(|(sample_count, sample_delta)| SttsEntry { sample_count, sample_delta })
        .collect();
    let sizes = track.samples.iter().map(|sample| sample.len() as u32).collect();
    let chunk = StscEntry { first_chunk: 1, samples_per_chunk: count, sample_description_index: 1 };
    let (codec, stss) = match &track.media {
        Media::Video { width, height, signal, parameter_sets: [sequence, picture] } => {
            let (width, height) = (*width as u16, *height as u16);
            let visual = Visual { data_reference_index: 1, width, height, ..Visual::default() };
            let depth = signal.depth() as u8;
            // The profile of 8 bits has no words for depth.
            let ext =
                (depth > 8).then(|| AvccExt { bit_depth_luma: depth, bit_depth_chroma: depth, ..AvccExt::default() });
            let avcc = Avcc { ext, ..Avcc::new(sequence, picture)? };
            let [primaries, transfer, matrix] = signal.codes().map(u16::from);
            let colr = Some(Colr::new(primaries, transfer, matrix, false)?);
            (Avc1 { visual, avcc, colr, ..Avc1::default() }.into(), Some(Stss { entries: vec![1] }))
        }
        Media::Sound => (flac(track), None),
    };
    Ok(Stbl {
        stsd: Stsd { codecs: vec![codec] },
        stts: Stts { entries },
        stss,
        stsc: Stsc { entries: vec![chunk] },
        stsz: Stsz { samples: StszSamples::Different { sizes } },
        stco: Some(Stco { entries: vec![data_at as u32] }),
        ..Stbl::default()
    })
}

fn flac(track: &Track) -> Codec {
    let block = track.sample_duration as u16;
    let stream = FlacMetadataBlock::StreamInfo {
        minimum_block_size: block,
        maximum_block_size: block,
        minimum_frame_size: Default::default(),
        maximum_frame_size: Default::default(),
        sample_rate: track.timescale,
        num_channels_minus_one: 0,
        bits_per_sample_minus_one: 15,
        number_of_interchannel_samples: track.duration.into(),
        md5_checksum: vec![0; 16], // not computed
    };
    let audio = Audio {
        data_reference_index: 1,
        channel_count: 1,
        sample_size: 16,
        sample_rate: (track.timescale as u16).into(),
    };
    Flac { audio, dfla: Dfla { blocks: vec![stream] } }.into()
}
