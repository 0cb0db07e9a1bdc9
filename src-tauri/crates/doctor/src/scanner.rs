//! Scanners that type, as a keyboard does: found by the names and the makers of what the system takes for keyboards.

use std::path::Path;

use crate::{Check, Code, Line};

/// Words in the names of scanners.
const WORDS: [&str; 8] =
    ["barcode", "bar code", "scanner", "honeywell", "zebra", "datalogic", "newland", "symbol technologies"];
/// Makers of scanners alone (USB vendor ids): Zebra, Metrologic, Datalogic, Hand Held Products, Newland, Opticon.
const MAKERS: [&str; 6] = ["05e0", "0c2e", "05f9", "0536", "1eab", "065a"];

/// `devices` is the kernel's list; other systems have none.
pub(crate) fn look(devices: &Path) -> Line {
    match std::fs::read_to_string(devices) {
        Ok(devices) => judge(&devices),
        Err(_) => Line::new(Check::Scanner, Code::ScannerUnknown),
    }
}

fn judge(devices: &str) -> Line {
    let found = devices.split("\n\n").filter(|device| is_scanner(device)).count();
    let code = if found == 0 { Code::ScannerNone } else { Code::ScannerFound };
    Line::new(Check::Scanner, code).with("scanners", found)
}

fn is_scanner(device: &str) -> bool {
    let device = device.to_lowercase();
    let lines =
        |start: &str| device.lines().filter_map(move |line| line.strip_prefix(start)).collect::<String>();
    let types = lines("h: handlers=").contains("kbd");
    let is_named = WORDS.iter().any(|word| lines("n: name=").contains(word));
    let is_made = MAKERS.iter().any(|maker| lines("i: ").contains(&format!("vendor={maker}")));
    types && (is_named || is_made)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYBOARD: &str = "I: Bus=0011 Vendor=0001 Product=0001 Version=ab41\n\
        N: Name=\"AT Translated Set 2 keyboard\"\nH: Handlers=sysrq kbd event0 leds";
    const NAMED: &str = "I: Bus=0003 Vendor=ac90 Product=3002 Version=0110\n\
        N: Name=\"SM SM-2D PRODUCT HID KBW Barcode Scanner\"\nH: Handlers=sysrq kbd event7 leds";
    const MADE: &str = "I: Bus=0003 Vendor=05e0 Product=1200 Version=0110\n\
        N: Name=\"Symbol Bar\"\nH: Handlers=sysrq kbd event9";
    const FLATBED: &str = "I: Bus=0003 Vendor=04b8 Product=0119 Version=0110\n\
        N: Name=\"Paper scanner buttons\"\nH: Handlers=event3";

    #[test]
    fn scanners_are_told_from_keyboards_and_from_scanners_of_paper() {
        for (devices, code, count) in [
            (vec![KEYBOARD, FLATBED], Code::ScannerNone, 0_usize),
            (vec![KEYBOARD, NAMED], Code::ScannerFound, 1),
            (vec![MADE, NAMED, KEYBOARD], Code::ScannerFound, 2),
            (vec![], Code::ScannerNone, 0),
        ] {
            let line = judge(&devices.join("\n\n"));
            assert_eq!((line.code, line), (code, Line::new(Check::Scanner, code).with("scanners", count)));
        }
    }
}
