//! What an account may do.

/// What an account may do with one kind of job. A number that is absent is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(rename_all = "camelCase", optional_fields))]
pub struct Limit {
    /// How many may be unfinished at once.
    pub concurrent: Option<f64>,
    /// How many may be created in any 60 s.
    pub per_minute: Option<f64>,
}

/// The limits of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "types", derive(ts_rs::TS), ts(optional_fields))]
pub struct Limits {
    /// The limit of whatever gives a video.
    #[cfg_attr(feature = "types", ts(as = "Option<Limit>"))]
    pub video: Limit,
    /// The limit of whatever gives a picture.
    #[cfg_attr(feature = "types", ts(as = "Option<Limit>"))]
    pub image: Limit,
}

impl Limits {
    /// Luma's Build tier: 10 videos at once and 20 a minute, 40 pictures at once and 80 a minute.
    pub const BUILD: Limits = Limits::numbers((10.0, 20.0), (40.0, 80.0));
    /// None that is known.
    pub const NONE: Limits = Limits {
        video: Limit { concurrent: None, per_minute: None },
        image: Limit { concurrent: None, per_minute: None },
    };

    /// How many at once and in a minute, of each kind.
    pub const fn numbers(video: (f64, f64), image: (f64, f64)) -> Limits {
        Limits {
            video: Limit { concurrent: Some(video.0), per_minute: Some(video.1) },
            image: Limit { concurrent: Some(image.0), per_minute: Some(image.1) },
        }
    }
}
