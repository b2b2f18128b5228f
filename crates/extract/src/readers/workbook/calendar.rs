//! Serial numbers of days to dates and times (ECMA-376, part 1, 18.17.4).

/// The last day of the year 9999.
const LAST: f64 = 2_958_466.0;

/// A day and a time of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub year: i64,
    pub month: usize,
    pub day: i64,
    /// From 0, Sunday.
    pub weekday: usize,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    /// Thousandths of a second.
    pub millisecond: i64,
    /// All seconds since the beginning of the calendar, for times that go on beyond a day.
    pub elapsed_seconds: i64,
}

/// The moment of a serial number, rounded to seconds or to their thousandths; none before the calendar and behind the
/// year 9999.
pub fn moment(serial: f64, epoch_1904: bool, with_milliseconds: bool) -> Option<Moment> {
    let serial = if epoch_1904 { serial + 1_462.0 } else { serial };
    if !(0.0..LAST).contains(&serial) {
        return None;
    }
    let unit = if with_milliseconds { 1.0 } else { 1_000.0 };
    let milliseconds = ((serial * 86_400_000.0 / unit).round() * unit) as i64;
    let (day, rest) = (milliseconds.div_euclid(86_400_000), milliseconds.rem_euclid(86_400_000));
    let (year, month, date) = match day {
        // The calendar has a day that never was, for the sake of Lotus 1-2-3.
        60 => (1900, 2, 29),
        0 => (1900, 1, 0),
        _ => civil(day - 25_569 + i64::from(day < 60)),
    };
    let seconds = rest / 1_000;
    Some(Moment {
        year,
        month,
        day: date,
        weekday: usize::try_from((day + 6).rem_euclid(7)).unwrap_or(0),
        hour: seconds / 3_600,
        minute: seconds / 60 % 60,
        second: seconds % 60,
        millisecond: rest % 1_000,
        elapsed_seconds: milliseconds.div_euclid(1_000),
    })
}

/// Days since 1 January 1970 to year, month and day of the Gregorian calendar, by eras of 400 years that begin in March.
fn civil(days: i64) -> (i64, usize, i64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, usize::try_from(month).unwrap_or(1), day)
}
