//! What everything asynchronous runs on, in the terminal and in the desktop app alike.

use std::io;

use tokio::runtime::{Builder, Runtime};

/// One worker thread, whatever the number of cores.
///
/// On its way a request is handed from task to task a dozen times: from the client's connection to the provider's and
/// back, then to those who write things down. With several workers each of these may wake another thread, on another
/// core that knows nothing of the request yet; the time that the router added was up to twice as long, more of it
/// spent on waking than on working. One thread keeps up with a thousand requests a second, more than a person and
/// their agents ask for.
///
/// What this asks for in return: nothing that runs here may block or compute for long. The disk, the keychain,
/// certificates and large bodies have threads of their own, and tasks that need them wait for those.
pub fn start() -> io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(1).enable_all().thread_name("evenkeel").build()
}
