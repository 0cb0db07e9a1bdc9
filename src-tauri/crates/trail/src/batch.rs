//! What a till sends of its trail, and what the centre makes of it. Pure.
//!
//! A batch says from which line on the centre lacks it. Where the centre has another number, nothing is judged: the batch
//! was overtaken, or one of the two sides was restored from a copy. The till learns the number with the answer, and its
//! next batch goes on from there. So a batch that arrives late accuses nobody.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AuditFault, AuditHead, WrittenLine};

/// What a till sends of its trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditBatch {
    /// Which trail: made by chance with the memory of the till, and again where the centre's differs.
    pub trail: Uuid,
    /// How many lines the centre has, as far as the till knows.
    pub after: u64,
    /// How long the trail is at the till, and how it ends.
    pub head: AuditHead,
    /// The next lines, in their order; not always all there are.
    pub lines: Vec<WrittenLine>,
    /// Who is behind the pseudonyms in these lines, as far as the centre is to know it.
    pub named: Vec<Named>,
}

/// Who is behind a pseudonym.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Named {
    /// The pseudonym.
    pub whom: Uuid,
    /// The customer's subject at the centre.
    pub subject: String,
}

impl std::fmt::Debug for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Named").field("whom", &self.whom).finish_non_exhaustive()
    }
}

/// What the centre makes of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It goes on from a place that is not the centre's: nothing is taken over.
    OutOfStep,
    /// Its lines are taken over, whatever is wrong with them.
    Taken {
        /// How the trail ends then.
        head: AuditHead,
        /// The first line that does not fit, and what is wrong there.
        broken: Option<(u64, AuditFault)>,
    },
    /// It is not the trail that the centre has: that one ends at this line.
    Differs {
        /// The first line that is another one, or is gone.
        line: u64,
        /// What is wrong there: [`AuditFault::Cut`] or [`AuditFault::Other`].
        fault: AuditFault,
    },
}

impl AuditBatch {
    /// What the centre makes of it, which has the trail up to this head.
    pub fn judge(&self, kept: &AuditHead) -> Outcome {
        if self.after != kept.lines {
            return Outcome::OutOfStep;
        }
        let differs = |line, fault| Outcome::Differs { line, fault };
        if self.head.lines < kept.lines {
            return differs(self.head.lines + 1, AuditFault::Cut);
        }
        if self.head.lines == kept.lines && !self.head.hash.eq_ignore_ascii_case(&kept.hash) {
            return differs(kept.lines, AuditFault::Other);
        }
        let (mut head, mut broken) = (kept.clone(), None);
        for line in &self.lines {
            let seq = line.content.seq;
            let follows = seq == head.lines + 1;
            let fits = line.hash.eq_ignore_ascii_case(&hex::encode(line.content.after(&head.hash)));
            match (follows, fits) {
                (true, true) => {}
                (true, false) if seq == kept.lines + 1 => return differs(seq, AuditFault::Other),
                (true, false) => broken = broken.or(Some((seq, AuditFault::Changed))),
                // Lines that go back could be those that the centre has.
                (false, _) if seq <= head.lines => return differs(seq, AuditFault::Other),
                (false, _) => broken = broken.or(Some((head.lines + 1, AuditFault::Missing))),
            }
            head = AuditHead { lines: seq, hash: line.hash.clone() };
        }
        Outcome::Taken { head, broken }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Content;

    /// A trail of so many lines; each tells of `act`.
    fn lines(count: u64, act: &str) -> Vec<WrittenLine> {
        let mut before = AuditHead::none().hash;
        (1..=count)
            .map(|seq| {
                let content = Content {
                    seq,
                    at: 0,
                    who: None,
                    whom: Some(Uuid::nil()),
                    act: act.to_owned(),
                    why: "signed_in".to_owned(),
                    online: true,
                    note: None,
                };
                before = hex::encode(content.after(&before));
                WrittenLine { content, hash: before.clone() }
            })
            .collect()
    }

    fn head(lines: &[WrittenLine]) -> AuditHead {
        lines.last().map_or_else(AuditHead::none, |last| AuditHead {
            lines: last.content.seq,
            hash: last.hash.clone(),
        })
    }

    /// What a till with these lines sends, which takes the centre to have so many.
    fn batch(lines: &[WrittenLine], after: usize) -> AuditBatch {
        AuditBatch {
            trail: Uuid::nil(),
            after: after as u64,
            head: head(lines),
            lines: lines[after.min(lines.len())..].to_vec(),
            named: Vec::new(),
        }
    }

    fn judged(batch: &AuditBatch, kept: &[WrittenLine]) -> Outcome {
        batch.judge(&head(kept))
    }

    #[test]
    fn a_trail_grows_line_by_line_or_many_at_once() {
        let all = lines(5, "opened");
        for (from, to) in [(0, 5), (0, 0), (2, 4), (5, 5)] {
            let taken = Outcome::Taken { head: head(&all[..to]), broken: None };
            assert_eq!(judged(&batch(&all[..to], from), &all[..from]), taken, "{from} {to}");
        }
        // Not all at once.
        let part = AuditBatch { lines: all[1..3].to_vec(), ..batch(&all, 1) };
        assert_eq!(judged(&part, &all[..1]), Outcome::Taken { head: head(&all[..3]), broken: None });
    }

    #[test]
    fn a_batch_from_another_place_is_not_judged() {
        let all = lines(5, "opened");
        let other = lines(5, "edited");
        for (batch, kept) in
            [(batch(&all, 2), 3), (batch(&all[..2], 2), 5), (batch(&all, 5), 3), (batch(&other, 2), 3)]
        {
            assert_eq!(judged(&batch, &all[..kept]), Outcome::OutOfStep);
        }
    }

    #[test]
    fn a_trail_that_was_cut_or_is_another_one_shows_and_where() {
        let (all, other) = (lines(5, "opened"), lines(7, "edited"));
        let cut = |line| Outcome::Differs { line, fault: AuditFault::Cut };
        let differs = |line| Outcome::Differs { line, fault: AuditFault::Other };
        assert_eq!(judged(&batch(&all[..3], 5), &all), cut(4));
        assert_eq!(judged(&batch(&[], 5), &all), cut(1));
        assert_eq!(judged(&batch(&other, 5), &all), differs(6));
        assert_eq!(judged(&batch(&other[..5], 5), &all), differs(5));
        // Lines that the centre has are not written over.
        let again = AuditBatch { lines: all[3..].to_vec(), ..batch(&all, 4) };
        assert_eq!(judged(&again, &all[..4]), differs(4));
    }

    #[test]
    fn what_is_broken_at_the_till_is_taken_over_as_it_is_and_told() {
        let all = lines(6, "opened");
        let mut changed = all.clone();
        changed[3].content.online = false;
        let taken = Outcome::Taken { head: head(&all), broken: Some((4, AuditFault::Changed)) };
        assert_eq!(judged(&batch(&changed, 1), &all[..1]), taken);

        let missing: Vec<_> = all.iter().filter(|line| line.content.seq != 3).cloned().collect();
        let sent = AuditBatch { lines: missing[1..].to_vec(), ..batch(&all, 1) };
        let taken = Outcome::Taken { head: head(&all), broken: Some((3, AuditFault::Missing)) };
        assert_eq!(judged(&sent, &all[..1]), taken);
        let sent = AuditBatch { lines: missing[2..].to_vec(), ..batch(&all, 2) };
        assert_eq!(judged(&sent, &all[..2]), taken);
    }
}
