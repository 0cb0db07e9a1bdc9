//! Who stands at the till.

use ::counter::Input;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use specta::Type;
use uuid::Uuid;

use super::FromAssociate;
use crate::view::{Problem, ProblemCode};

/// The digits that an associate types. Zeroes itself, and is never printed.
#[derive(Debug, Deserialize, Type)]
#[serde(transparent)]
pub struct Pin(#[specta(type = String)] SecretString);

impl Pin {
    /// Four to twelve digits; anything else is not worth a try.
    fn checked(self) -> Result<SecretString, ProblemCode> {
        let digits = self.0.expose_secret().as_bytes();
        if (4..=12).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) {
            Ok(self.0)
        } else {
            Err(ProblemCode::PinFormat)
        }
    }
}

/// The first PIN of a new associate.
#[tauri::command]
#[specta::specta]
pub fn add_associate(from: FromAssociate, name: String, pin: Pin) -> Result<(), Problem> {
    from.send(Input::AddAssociate { name, pin: pin.checked()? })
}

/// A PIN was entered.
#[tauri::command]
#[specta::specta]
pub fn unlock(from: FromAssociate, associate: Uuid, pin: Pin) -> Result<(), Problem> {
    from.send(Input::Unlock { associate, pin: pin.checked()? })
}

/// An associate signs in at the store's identity provider.
#[tauri::command]
#[specta::specta]
pub fn sign_in_associate(from: FromAssociate) -> Result<(), Problem> {
    from.send(Input::SignInAssociate)
}

/// The PIN of an associate who has just signed in there.
#[tauri::command]
#[specta::specta]
pub fn choose_pin(from: FromAssociate, pin: Pin) -> Result<(), Problem> {
    from.send(Input::ChoosePin { pin: pin.checked()? })
}

/// Locks the till, and asks for a new sign-in the next time.
#[tauri::command]
#[specta::specta]
pub fn end_shift(from: FromAssociate) -> Result<(), Problem> {
    from.send(Input::EndShift)
}

/// Locks the till.
#[tauri::command]
#[specta::specta]
pub fn lock(from: FromAssociate) -> Result<(), Problem> {
    from.send(Input::Lock)
}

/// The associate touched the screen.
#[tauri::command]
#[specta::specta]
pub fn touched(from: FromAssociate) -> Result<(), Problem> {
    from.send(Input::Touched)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Pin {
        serde_json::from_value(serde_json::Value::String(text.to_owned())).unwrap()
    }

    #[test]
    fn a_pin_has_four_to_twelve_digits() {
        for good in ["0000", "123456789012"] {
            assert!(typed(good).checked().is_ok(), "{good}");
        }
        for bad in ["", "123", "1234567890123", "12a4", "１２３４", "12 34"] {
            assert!(matches!(typed(bad).checked(), Err(ProblemCode::PinFormat)), "{bad}");
        }
    }

    #[test]
    fn a_pin_is_never_printed() {
        assert!(!format!("{:?}", typed("271828")).contains("271828"));
    }
}
