//! The shell's own state: which configuration there is, the till that runs with it, and what both windows show.
//!
//! The counter decides; this follows its state and draws it. It knows nothing of Tauri.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use counter::State;

use crate::{
    app, checkup,
    config::{Config, ConfigError},
    paths::Paths,
    phone::Phone,
    screen::Screen,
    till::Till,
    view::{self, AssociateView, CheckupView, DisplayView, ProblemCode, TillView},
};

/// The shell as the commands get it.
pub type SharedShell = Arc<Shell>;

/// Exit code after a configuration that cannot be used.
pub const BAD_CONFIGURATION: u8 = 2;

/// The state of the shell.
#[derive(Debug)]
pub struct Shell {
    /// Where this till keeps its things.
    pub paths: Paths,
    /// What the associate's window shows.
    pub associate: Screen<AssociateView>,
    /// What the customer display shows.
    pub display: Screen<DisplayView>,
    /// What the page that checks the till shows.
    pub checkup: Screen<CheckupView>,
    phone: Phone,
    stage: Mutex<Stage>,
}

/// How far the shell has come.
#[derive(Debug)]
enum Stage {
    /// Nothing runs, and nothing will.
    BadConfiguration,
    /// A person must choose.
    NotSetUp,
    /// The choice is being carried out, or the till is being started.
    SettingUp,
    /// The till runs.
    Running(Arc<Till>),
    /// The program ends.
    Stopped,
}

impl Shell {
    /// The shell for a configuration, none, or one that cannot be used. No till runs yet.
    pub fn new(paths: Paths, found: Result<Option<&Config>, &ConfigError>) -> SharedShell {
        let (stage, associate) = match found {
            Ok(Some(config)) => (Stage::SettingUp, view::associate::opening(config)),
            Ok(None) => (Stage::NotSetUp, view::associate::first_run(false, None)),
            Err(error) => (Stage::BadConfiguration, view::associate::bad_configuration(error)),
        };
        Arc::new(Self {
            paths,
            display: Screen::new(view::display::at_rest(associate.till.clone())),
            associate: Screen::new(associate),
            checkup: Screen::new(CheckupView::default()),
            phone: Phone::default(),
            stage: Mutex::new(stage),
        })
    }

    /// Starts the till and draws its state from now on. Must be called within the runtime.
    ///
    /// # Errors
    /// When the till cannot be started at all; that the network or the keyring is not there is no such error.
    pub fn run(self: &Arc<Self>, config: Config) -> Result<(), ProblemCode> {
        let stage = &mut *self.stage();
        if matches!(stage, Stage::Stopped) {
            return Err(ProblemCode::Internal);
        }
        let till = Arc::new(Till::start(config, &self.paths)?);
        *stage = Stage::Running(Arc::clone(&till));
        self.draw(&till, &till.state().borrow_and_update());
        tokio::spawn(Arc::clone(self).follow(till));
        Ok(())
    }

    /// The till.
    ///
    /// # Errors
    /// When none runs: the screen offers nothing then that needs one.
    pub fn till(&self) -> Result<Arc<Till>, ProblemCode> {
        match &*self.stage() {
            Stage::Running(till) => Ok(Arc::clone(till)),
            Stage::BadConfiguration | Stage::NotSetUp | Stage::SettingUp | Stage::Stopped => {
                Err(ProblemCode::Internal)
            }
        }
    }

    /// Looks for what is wrong with this till, and shows each line as it comes in; one look at a time.
    pub fn start_checkup(self: &Arc<Self>, screens: Vec<doctor::Screen>) {
        let mut begun = false;
        self.checkup.change(|view| {
            begun = !view.running;
            begun.then(CheckupView::begun)
        });
        if begun {
            tokio::spawn(Arc::clone(self).check_up(screens));
        }
    }

    async fn check_up(self: Arc<Self>, screens: Vec<doctor::Screen>) {
        let running = self.till().ok();
        let found = match &running {
            Some(till) => Ok(Some(till.config.clone())),
            None => app::configuration(&self.paths),
        };
        let memory = running.and_then(|till| till.memory());
        let till = checkup::till(&self.paths, found, memory, doctor::Screens::Known(screens)).await;
        let show = |line: &doctor::Line| self.checkup.change(|view| Some(view.with(line)));
        let report = doctor::examine(&till, &show).await;
        self.checkup.show(CheckupView::of(&report));
    }

    /// Takes the choice of the first run, one at a time.
    ///
    /// # Errors
    /// When there is nothing to choose.
    pub fn begin_setup(&self) -> Result<(), ProblemCode> {
        let stage = &mut *self.stage();
        if !matches!(stage, Stage::NotSetUp) {
            return Err(ProblemCode::Internal);
        }
        *stage = Stage::SettingUp;
        self.associate.show(view::associate::first_run(true, None));
        Ok(())
    }

    /// The choice did not work: another can be made.
    pub fn fail_setup(&self, problem: ProblemCode) {
        let stage = &mut *self.stage();
        if matches!(stage, Stage::SettingUp) {
            *stage = Stage::NotSetUp;
            self.associate.show(view::associate::first_run(false, Some(problem)));
        }
    }

    /// In the demo: opens the page of the code that is shown on this machine.
    ///
    /// # Errors
    /// When there is no such page, or no browser.
    pub fn open_phone_page(&self) -> Result<(), ProblemCode> {
        self.phone.open(&self.till()?.phone_page()?)
    }

    /// The exit code when the program ends now.
    pub fn exit_code(&self) -> u8 {
        if matches!(&*self.stage(), Stage::BadConfiguration) { BAD_CONFIGURATION } else { 0 }
    }

    /// Ends what runs: the visit, its tokens, the embedded service, the demo's phone.
    pub async fn stop(&self) {
        let stage = std::mem::replace(&mut *self.stage(), Stage::Stopped);
        self.phone.end();
        if let Stage::Running(till) = stage {
            till.stop().await;
        }
    }

    async fn follow(self: Arc<Self>, till: Arc<Till>) {
        let mut state = till.state();
        loop {
            let now = Arc::clone(&state.borrow_and_update());
            self.draw(&till, &now);
            if state.changed().await.is_err() {
                return;
            }
        }
    }

    fn draw(&self, till: &Till, state: &State) {
        let demo = till.config.demo;
        let phone_here = demo.is_some_and(|demo| demo.phone_here);
        let language = till.config.display.language.as_deref();
        let named = TillView::of(&till.config);
        // The display first: a customer waits for it.
        self.display.show(view::display::display(&named, language, demo.is_some(), state));
        self.associate.show(AssociateView {
            scanner: till.config.till.scanner.clone().unwrap_or_default(),
            ..view::associate::associate(&named, demo.is_some(), phone_here, state)
        });
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::{config::Config, view::AssociateScreen};

    fn shell(found: Result<Option<&Config>, &ConfigError>) -> SharedShell {
        let paths = Paths { config: PathBuf::new(), config_is_named: false, data: PathBuf::new() };
        Shell::new(paths, found)
    }

    async fn screen(shell: &Shell) -> AssociateScreen {
        shell.associate.next(None).await.view.screen
    }

    #[tokio::test]
    async fn without_a_configuration_one_choice_is_carried_out_at_a_time() {
        let shell = shell(Ok(None));
        assert_eq!(screen(&shell).await, AssociateScreen::FirstRun { busy: false, problem: None });
        shell.begin_setup().unwrap();
        assert_eq!(screen(&shell).await, AssociateScreen::FirstRun { busy: true, problem: None });
        assert_eq!(shell.begin_setup(), Err(ProblemCode::Internal));
        shell.fail_setup(ProblemCode::ProviderUnreachable);
        let problem = Some(ProblemCode::ProviderUnreachable.into());
        assert_eq!(screen(&shell).await, AssociateScreen::FirstRun { busy: false, problem });
        shell.begin_setup().unwrap();
    }

    #[tokio::test]
    async fn with_a_bad_configuration_nothing_runs_and_the_exit_code_says_so() {
        let error = Config::parse(&PathBuf::from("a.toml"), "issuer = 1").unwrap_err();
        let shell = shell(Err(&error));
        assert!(matches!(screen(&shell).await, AssociateScreen::BadConfiguration { .. }));
        assert_eq!(shell.begin_setup(), Err(ProblemCode::Internal));
        assert!(shell.till().is_err());
        assert_eq!(shell.exit_code(), 2);
    }
}
