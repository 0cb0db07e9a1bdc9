//! The rows of the bench: medians, goals, the table and the file. Measures nothing itself.
#![expect(clippy::print_stdout, reason = "it prints the table")]

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;

/// A figure and its baseline, both as often as they were measured.
#[derive(Debug, Default)]
pub struct Samples {
    /// The figure.
    pub values: Vec<f64>,
    /// The baseline.
    pub baselines: Vec<f64>,
}

/// What is to be reached. Less is better in all of them.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// So many times the baseline.
    Times(f64),
    /// So many times the baseline, and so much whatever it is.
    TimesAndAtMost(f64, f64),
    /// So much over the baseline.
    Over(f64),
    /// So much, whatever the baseline.
    AtMost(f64),
}

/// A row of the table.
#[derive(Debug)]
pub struct Row {
    /// What it is called; part of it before the dot is what it is about.
    pub name: &'static str,
    /// Of figure and baseline.
    pub unit: &'static str,
    /// What was measured.
    pub samples: Samples,
    /// What it is compared with.
    pub baseline_name: &'static str,
    /// What is to be reached.
    pub goal: Goal,
}

impl Goal {
    fn limit(self, baseline: f64) -> f64 {
        match self {
            Goal::Times(times) => times * baseline,
            Goal::TimesAndAtMost(times, most) => most.min(times * baseline),
            Goal::Over(over) => baseline + over,
            Goal::AtMost(most) => most,
        }
    }

    fn words(self, unit: &str) -> String {
        match self {
            Goal::Times(times) => format!("at most {times} times the baseline"),
            Goal::TimesAndAtMost(times, most) => {
                format!("at most {times} times the baseline, and {most} {unit}")
            }
            Goal::Over(over) => format!("at most {over} {unit} over the baseline"),
            Goal::AtMost(most) => format!("at most {most} {unit}"),
        }
    }
}

/// Prints the table and writes the file.
pub fn write(rows: &[Row], file: &Path) -> Result<()> {
    let mut table = Vec::new();
    println!("\n{:20} {:>22} {:>22} {:>6}  goal", "", "value", "baseline", "ratio");
    for row in rows {
        let (value, baseline) = (median(&row.samples.values)?, median(&row.samples.baselines)?);
        let ratio = value / baseline;
        let goal = row.goal.words(row.unit);
        let met = if value <= row.goal.limit(baseline) { "met" } else { "missed" };
        let (shown, beside) =
            (spread(&row.samples.values, row.unit)?, spread(&row.samples.baselines, row.unit)?);
        println!("{:20} {shown:>22} {beside:>22} {ratio:6.2}  {met}: {goal}", row.name);
        println!("{:20} baseline: {}", "", row.baseline_name);
        table.push(json!({
            "name": row.name,
            "value": round(value),
            "unit": row.unit,
            "baseline": round(baseline),
            "baseline_name": row.baseline_name,
            "ratio": round(ratio),
            "better": "lower",
            "goal": goal,
            "command": format!("cargo xtask bench {}", row.name),
        }));
    }
    println!("\nMedians of {}; in brackets the middle half.", counts(rows));
    std::fs::write(file, serde_json::to_string_pretty(&table)? + "\n")
        .with_context(|| file.display().to_string())?;
    println!("Written to {}", file.display());
    Ok(())
}

fn counts(rows: &[Row]) -> String {
    let mut counts: Vec<usize> = rows.iter().map(|row| row.samples.values.len()).collect();
    counts.sort_unstable();
    counts.dedup();
    counts.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ")
}

fn median(samples: &[f64]) -> Result<f64> {
    quantile(samples, 0.5)
}

/// The median and how far the middle half of the samples reaches.
fn spread(samples: &[f64], unit: &str) -> Result<String> {
    let [low, middle, high] = [quantile(samples, 0.25)?, median(samples)?, quantile(samples, 0.75)?];
    Ok(format!("{middle:.0} {unit} ({low:.0} to {high:.0})"))
}

/// The sample at a part of them, put in order: 0.5 is the median.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "there are few samples"
)]
pub fn quantile(samples: &[f64], part: f64) -> Result<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1).context("nothing was measured")?;
    let at = part * last as f64;
    let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    Ok(below + (above - below) * at.fract())
}

fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
