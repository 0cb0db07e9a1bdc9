//! Every way in which a sign-in can end without a profile.

use std::time::Duration;

use anyhow::Result;
use harness::{
    Answer, App, CentralProcess, Display, Garbage, Keyring, LONG, Poll, Provider, Session, Till, TokenFault,
    init, until,
    visit::{self, hook},
};

/// The customer whom the provider of these tests knows. No ending may show the name.
const NAME: &str = "Ottoline";

struct Counter {
    app: App,
    display: Display,
    _session: Session,
    _till: Till,
}

impl Counter {
    async fn at(issuer: &str) -> Result<Counter> {
        init();
        let till = Till::new(issuer)?;
        let (display, session) = (Display::start()?, Session::start(Keyring::Missing).await?);
        let app = App::start(&display, &session, &till).await?;
        visit::unlock(&app).await?;
        Ok(Counter { app, display, _session: session, _till: till })
    }

    /// Both windows say why; neither says who.
    async fn fails_with(&self, why: &str) -> Result<()> {
        let page = self.app.associate();
        page.wait_for_one_of(&["failed"], LONG).await?;
        assert!(
            page.has(&format!("[data-screen=\"failed\"][data-why=\"{why}\"]")).await?,
            "{}",
            page.text().await?
        );
        self.app.display().wait_for("sorry").await?;
        for window in [self.app.associate(), self.app.display()] {
            let shown =
                window.script("return document.documentElement.outerHTML;", vec![]).await?.to_string();
            assert!(!shown.contains(NAME), "a window shows the customer");
            assert!(!window.text().await?.is_empty(), "a window says nothing");
        }
        Ok(())
    }

    /// The next customer can start at once, and gets a code.
    async fn is_free(&self) -> Result<()> {
        visit::to_home(&self.app).await?;
        self.app.display().wait_for("rest").await
    }
}

#[tokio::test]
async fn whatever_the_provider_answers_the_screen_says_it_and_the_next_customer_can_start() -> Result<()> {
    let provider = Provider::start(120, Answer::Pending).await?;
    let counter = Counter::at(provider.issuer()).await?;
    let faulty = |fault| Answer::Tokens(Some(fault));
    let (signature, audience, time) =
        ("not signed by a key", "for another client", "by the clock of this till");
    for (answer, why, doubt) in [
        (Answer::Denied, "denied", ""),
        (Answer::Expired, "expired", ""),
        (faulty(TokenFault::Signature), "notTrusted", signature),
        (faulty(TokenFault::UnknownKey), "notTrusted", signature),
        (faulty(TokenFault::Unsigned), "notTrusted", signature),
        (faulty(TokenFault::Issuer), "notTrusted", "by another service"),
        (faulty(TokenFault::Audience), "notTrusted", audience),
        (faulty(TokenFault::Party), "notTrusted", audience),
        (faulty(TokenFault::Expired), "notTrusted", time),
        (faulty(TokenFault::Future), "notTrusted", time),
        (Answer::OtherSubject, "notTrusted", "of another person"),
    ] {
        provider.answer(Answer::Pending);
        visit::ask_for_code(&counter.app).await?;
        provider.answer(answer);
        counter.fails_with(why).await?;
        let text = counter.app.associate().text().await?;
        assert!(text.contains(doubt), "{answer:?}: {text}");
        counter.is_free().await?;
    }
    // After all these lies the truth still opens the match.
    provider.answer(Answer::Pending);
    visit::ask_for_code(&counter.app).await?;
    provider.answer(Answer::Tokens(None));
    visit::wait_for_stage(&counter.app, "match").await
}

#[tokio::test]
async fn what_cannot_be_understood_is_no_decision_and_the_customer_is_let_in_when_the_truth_comes()
-> Result<()> {
    let provider = Provider::start(120, Answer::Pending).await?;
    let counter = Counter::at(provider.issuer()).await?;
    visit::ask_for_code(&counter.app).await?;
    for garbage in [Garbage::Page, Garbage::CutOff, Garbage::Twice, Garbage::NoText] {
        // The first of these may have been on its way.
        provider.answer(Answer::Garbage(garbage));
        polled(&provider, provider.polls().len() + 2).await?;
        let stages = counter.app.associate().has("[data-stage=\"awaitingScan\"]").await?;
        assert!(stages, "{garbage:?}: {}", counter.app.associate().text().await?);
        provider.answer(Answer::Pending);
        polled(&provider, provider.polls().len() + 1).await?;
    }
    provider.answer(Answer::Tokens(None));
    visit::wait_for_stage(&counter.app, "match").await
}

#[tokio::test]
async fn a_code_that_is_about_to_run_out_is_replaced_and_the_one_before_still_lets_in() -> Result<()> {
    let provider = Provider::start(30, Answer::Pending).await?;
    let counter = Counter::at(provider.issuer()).await?;
    visit::ask_for_code(&counter.app).await?;
    let first = visit::scan(&counter.display).await?;
    until(
        "a second code that nobody has asked for",
        LONG,
        async || Ok((provider.codes() == 2).then_some(())),
    )
    .await?;
    visit::scan_another(&counter.display, &first).await?;
    provider.answer_to(1, Answer::Tokens(None));
    visit::wait_for_stage(&counter.app, "match").await?;
    let polls = provider.polls();
    assert!(
        polls.iter().any(|poll| poll.device_code == Provider::device_code(2)),
        "the code on the display is not asked about: {polls:?}"
    );
    Ok(())
}

#[tokio::test]
async fn codes_that_nobody_scans_run_out_in_the_end_and_are_polled_no_more() -> Result<()> {
    let provider = Provider::start(8, Answer::Pending).await?;
    let counter = Counter::at(provider.issuer()).await?;
    visit::ask_for_code(&counter.app).await?;
    counter.fails_with("expired").await?;
    assert!(provider.polls().len() >= 5, "the codes were hardly polled: {:?}", provider.polls());
    counter.is_free().await?;
    provider.codes_live(120);
    only_the_new_code_is_polled(&counter, &provider).await
}

#[tokio::test]
async fn a_cancelled_code_is_polled_no_more() -> Result<()> {
    let provider = Provider::start(120, Answer::Pending).await?;
    let counter = Counter::at(provider.issuer()).await?;
    visit::ask_for_code(&counter.app).await?;
    counter.app.associate().press_at(&hook("cancel")).await?;
    counter.is_free().await?;
    only_the_new_code_is_polled(&counter, &provider).await
}

#[tokio::test]
async fn a_replaced_code_is_polled_no_more() -> Result<()> {
    let provider = Provider::start(120, Answer::Pending).await?;
    let counter = Counter::at(provider.issuer()).await?;
    visit::ask_for_code(&counter.app).await?;
    let first = visit::scan(&counter.display).await?;
    counter.app.associate().press_at(&hook("new-code")).await?;
    visit::scan_another(&counter.display, &first).await?;
    is_polled_alone(&provider, provider.codes()).await
}

#[tokio::test]
async fn a_locked_till_wipes_the_code_and_polls_no_more() -> Result<()> {
    let provider = Provider::start(120, Answer::Pending).await?;
    let counter = Counter::at(provider.issuer()).await?;
    visit::ask_for_code(&counter.app).await?;
    counter.app.associate().press_at(&hook("lock")).await?;
    counter.app.associate().wait_for("locked").await?;
    counter.app.display().wait_for("rest").await?;
    visit::unlock(&counter.app).await?;
    only_the_new_code_is_polled(&counter, &provider).await
}

#[tokio::test]
async fn being_asked_to_slow_down_is_no_ending() -> Result<()> {
    let provider = Provider::start(120, Answer::Pending).await?;
    let counter = Counter::at(provider.issuer()).await?;
    visit::ask_for_code(&counter.app).await?;
    let before = polled(&provider, 2).await?;
    provider.answer(Answer::SlowDown);
    let first_slow = polled(&provider, before.len() + 1).await?.len();
    provider.answer(Answer::Pending);
    let polls = polled(&provider, first_slow + 1).await?;
    visit::wait_for_stage(&counter.app, "awaitingScan").await?;
    let gap = |last: usize| polls[last].at - polls[last - 1].at;
    // The interval was a second, and the provider wants five more (RFC 8628, section 3.5).
    assert!(gap(1) < Duration::from_secs(5), "it was slow before: {polls:?}");
    assert!(gap(polls.len() - 1) >= Duration::from_secs(6), "it was not slower: {polls:?}");
    provider.answer(Answer::Tokens(None));
    visit::wait_for_stage(&counter.app, "match").await
}

#[tokio::test]
async fn a_provider_that_goes_while_it_is_polled_is_said_to_be_unreachable() -> Result<()> {
    let mut provider = Provider::start(20, Answer::Pending).await?;
    let counter = Counter::at(provider.issuer()).await?;
    visit::ask_for_code(&counter.app).await?;
    polled(&provider, 1).await?;
    provider.leave();
    counter.fails_with("unreachable").await?;
    counter.is_free().await
}

#[tokio::test]
async fn a_centre_that_is_gone_gives_no_code_and_one_when_it_is_back() -> Result<()> {
    let mut central = CentralProcess::start()?;
    let counter = Counter::at(&central.issuer()).await?;
    central.stop().await?;
    counter.app.associate().press_at(&hook("sign-in")).await?;
    counter.fails_with("unreachable").await?;
    counter.is_free().await?;
    central.restart()?;
    visit::ask_for_code(&counter.app).await
}

/// The polls, once there are so many.
async fn polled(provider: &Provider, least: usize) -> Result<Vec<Poll>> {
    until(&format!("{least} polls"), LONG, async || {
        let polls = provider.polls();
        Ok((polls.len() >= least).then_some(polls))
    })
    .await
}

async fn only_the_new_code_is_polled(counter: &Counter, provider: &Provider) -> Result<()> {
    visit::ask_for_code(&counter.app).await?;
    is_polled_alone(provider, provider.codes()).await
}

/// From its first poll on, the newest code is the only one that is asked about.
async fn is_polled_alone(provider: &Provider, newest: u32) -> Result<()> {
    let newest = Provider::device_code(newest);
    let since = until("polls of the new code", LONG, async || {
        let polls = provider.polls();
        let first = polls.iter().position(|poll| poll.device_code == newest);
        Ok(first.map(|first| polls[first..].to_vec()).filter(|since| since.len() >= 2))
    })
    .await?;
    assert!(since.iter().all(|poll| poll.device_code == newest), "an old code is still polled: {since:?}");
    Ok(())
}
