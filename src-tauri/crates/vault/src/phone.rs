//! Phone numbers as people write them, brought into the one form in which they are kept and compared.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};

/// The number in E.164; none where it can be none. `country` (ISO 3166-1, two letters) is where a number without a country
/// code belongs; such a number is none where that is not known.
pub fn e164(typed: &str, country: Option<&str>) -> Option<String> {
    let region = country.and_then(|country| Region::from_code(country).ok());
    let number = PhoneNumber::parse(typed.trim(), region).ok().filter(PhoneNumber::is_valid)?;
    Some(number.format_as(PhoneNumberFormat::E164).into_owned())
}

/// Whether it is the code of a country that has phone numbers.
pub fn is_country(code: &str) -> bool {
    let is_code = code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_uppercase());
    is_code
        && Region::from_code(code)
            .is_ok_and(|region| PHONE_NUMBER_UTIL.get_country_code_for_region(region).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_a_number_is_written_it_is_the_same() {
        for typed in
            ["06 12 34 56 78", "0612345678", "+33 6 12 34 56 78", "0033612345678", "+33 (0)6.12.34.56.78"]
        {
            assert_eq!(e164(typed, Some("FR")).as_deref(), Some("+33612345678"), "{typed}");
        }
        assert_eq!(e164("+33 6 12 34 56 78", None).as_deref(), Some("+33612345678"));
    }

    #[test]
    fn what_can_be_no_number_is_none() {
        for typed in ["", "06", "0612345678901234", "ring me", "4111 1111 1111 1111"] {
            assert_eq!(e164(typed, Some("FR")), None, "{typed}");
        }
        assert_eq!(e164("06 12 34 56 78", None), None, "nobody knows of which country");
    }

    #[test]
    fn a_country_has_two_letters_of_the_standard() {
        assert!(is_country("FR") && is_country("JP"));
        assert!(!is_country("France") && !is_country("XX") && !is_country("fr"));
    }
}
