//! Numbers as decimal digits, the way a spreadsheet shows them.
//!
//! A spreadsheet computes in binary and shows at most fifteen digits; rounding is done on those, so that 0.285 with two
//! places is 0.29 although its nearest binary number is a little less.

/// The digits that are shown at most.
const DIGITS: usize = 15;

/// A number without a sign: `0.d₁d₂d₃… × 10^point`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    digits: Vec<u8>,
    point: i32,
}

impl Decimal {
    /// The size of a number.
    pub fn of(number: f64) -> Self {
        let printed = format!("{:.*e}", DIGITS - 1, number.abs());
        let (mantissa, exponent) = printed.split_once('e').unwrap_or((&printed, "0"));
        let digits = mantissa.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
        let mut decimal = Self { digits, point: exponent.parse::<i32>().unwrap_or(0) + 1 };
        decimal.trim();
        decimal
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Multiplies by a power of ten.
    pub fn shift(&mut self, powers: i32) {
        if !self.is_zero() {
            self.point = self.point.saturating_add(powers);
        }
    }

    /// The exponent in scientific writing: of 123, 2.
    pub fn exponent(&self) -> i32 {
        if self.is_zero() { 0 } else { self.point - 1 }
    }

    /// Rounds to places behind the point, halves away from zero.
    pub fn round(&mut self, places: usize) {
        let keep = i64::from(self.point) + places as i64;
        let Ok(keep) = usize::try_from(keep) else {
            self.digits.clear();
            self.point = 0;
            return;
        };
        let Some(next) = self.digits.get(keep).copied() else { return };
        self.digits.truncate(keep);
        if next >= 5 {
            let mut at = keep;
            loop {
                if at == 0 {
                    self.digits.insert(0, 1);
                    self.point += 1;
                    break;
                }
                at -= 1;
                if self.digits[at] < 9 {
                    self.digits[at] += 1;
                    break;
                }
                self.digits[at] = 0;
            }
        }
        self.trim();
    }

    /// The digits before the point, none if they are zero.
    pub fn integer(&self) -> String {
        let length = usize::try_from(self.point).unwrap_or(0);
        (0..length).map(|at| self.digit(at)).collect()
    }

    /// So many digits behind the point.
    pub fn fraction(&self, places: usize) -> String {
        let at = |place: usize| usize::try_from(i64::from(self.point) + place as i64).ok();
        (0..places).map(|place| at(place).map_or('0', |at| self.digit(at))).collect()
    }

    /// How many digits behind the point are not zero at the end.
    pub fn places(&self) -> usize {
        usize::try_from(self.digits.len() as i64 - i64::from(self.point)).unwrap_or(0)
    }

    fn digit(&self, at: usize) -> char {
        self.digits.get(at).map_or('0', |digit| char::from(b'0' + digit))
    }

    fn trim(&mut self) {
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
    }
}

/// A number without a format: its shortest writing, without an exponent as long as it has a sensible length.
pub fn general(number: f64) -> String {
    const LONGEST: i32 = 30;
    if !number.is_finite() {
        return "#NUM!".to_owned();
    }
    let decimal = Decimal::of(number);
    let sign = if number < 0.0 { "-" } else { "" };
    if decimal.exponent().abs() > LONGEST {
        return format!("{number:E}");
    }
    let integer = decimal.integer();
    let integer = if integer.is_empty() { "0" } else { &integer };
    let fraction = decimal.fraction(decimal.places());
    if fraction.is_empty() { format!("{sign}{integer}") } else { format!("{sign}{integer}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_without_a_format_are_short() {
        for (number, shown) in [
            (0.0, "0"),
            (90.0, "90"),
            (-1.5, "-1.5"),
            (0.1 + 0.2, "0.3"),
            (1e17, "100000000000000000"),
            (310_107_199_001_011_234.0, "310107199001011000"),
            (771_325_800.0, "771325800"),
            (0.000_001, "0.000001"),
            (1e40, "1E40"),
        ] {
            assert_eq!(general(number), shown);
        }
    }

    #[test]
    fn rounding_is_of_the_digits_that_are_shown() {
        for (number, places, shown) in [
            (0.285, 2, "0.29"),
            (1.005, 2, "1.01"),
            (999.95, 1, "1000.0"),
            (0.004, 2, "0.00"),
            (0.5, 0, "1."),
            (0.04, 0, "0."),
        ] {
            let mut decimal = Decimal::of(number);
            decimal.round(places);
            let integer = if decimal.integer().is_empty() { "0".to_owned() } else { decimal.integer() };
            assert_eq!(format!("{integer}.{}", decimal.fraction(places)), shown);
        }
    }
}
