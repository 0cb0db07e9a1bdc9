//! Reading a QR code from pixels, as a phone's camera would.

use anyhow::{Context, Result};

/// The text of the first QR code in a picture, if there is one that can be read.
pub fn decode(png: &[u8]) -> Result<Option<String>> {
    decode_right_of(png, 0)
}

/// The same in the right part of a picture, from a column on: where the customer display is.
pub fn decode_right_of(png: &[u8], column: u32) -> Result<Option<String>> {
    let picture = image::load_from_memory(png).context("not a picture")?;
    let part = picture.crop_imm(column, 0, picture.width().saturating_sub(column), picture.height());
    let mut prepared = rqrr::PreparedImage::prepare(part.to_luma8());
    Ok(prepared.detect_grids().into_iter().find_map(|grid| grid.decode().ok()).map(|(_, text)| text))
}
