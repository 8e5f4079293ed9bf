//! The command line: `serve`, `migrate`, `restored`, `admin`, `import-users`, `schema`.

use natterjack::app::{self, App};
use natterjack::config::{self, AdminCommand, Command, Config, ImportUsers, LogFormat};
use natterjack::error::{Error, Result};
use natterjack::{graphql, logs};
use std::io::Write as _;
use std::process::ExitCode;
use tracing::error;

fn main() -> ExitCode {
    let cli = match config::read() {
        Ok(cli) => cli,
        Err(error) => {
            // Where not even that can be printed, the exit code must do.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(u8::MAX));
        }
    };
    let outcome = match cli.command.unwrap_or(Command::Serve) {
        Command::Schema => print(&graphql::sdl()),
        Command::Migrate => run(&cli.config, app::migrate(&cli.config)),
        Command::Restored => run(&cli.config, restored(&cli.config)),
        Command::ImportUsers(import) => run(&cli.config, import_users(&cli.config, &import)),
        Command::Admin(command) => run(&cli.config, admin(&cli.config, &command)),
        Command::Serve => run(&cli.config, serve(&cli.config)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(cli.config.log_format, &error);
            ExitCode::FAILURE
        }
    }
}

/// Says why it ends: as a line of the log where that is read by a program, and else in one line for people.
fn tell(format: LogFormat, error: &Error) {
    if format == LogFormat::Json && tracing::enabled!(tracing::Level::ERROR) {
        error!(%error, "natterjack has failed");
    } else {
        let _ = writeln!(std::io::stderr(), "natterjack: {error}");
    }
}

fn run(config: &Config, work: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().map_err(Error::internal)?;
    let traces = config.otel_exporter_otlp_endpoint.as_ref();
    let traces = traces.map(|address| app::traces(address, runtime.handle().clone())).transpose()?;
    logs::start(&config.log, config.log_format, traces.as_ref());
    let outcome = runtime.block_on(work);
    if let Some(traces) = traces {
        traces.close();
    }
    outcome
}

async fn restored(config: &Config) -> Result<()> {
    let conversations = app::restored(config).await?;
    print(&format!("raised the revisions of {conversations} conversations\n"))
}

async fn admin(config: &Config, command: &AdminCommand) -> Result<()> {
    print(&app::admin(config, command).await?)
}

async fn import_users(config: &Config, import: &ImportUsers) -> Result<()> {
    app::import_users(config, import, &mut std::io::stdout()).await
}

async fn serve(config: &Config) -> Result<()> {
    let app = App::open(config).await?;
    print(&format!("listening on http://{}\n", app.address()))?;
    let stop = app.stop();
    let asked_twice = async {
        interrupted().await;
        stop.cancel();
        interrupted().await;
    };
    tokio::select! {
        served = app.serve() => served,
        () = asked_twice => Ok(()),
    }
}

/// Returns once the process is asked to end. Where signals cannot be heard, it never is.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Error::internal)
}
