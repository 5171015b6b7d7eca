//! A network that fails: a proxy between a node and its server that cuts connections and swallows what they say.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// COMMIT as a client says it: the message `Query` of the protocol.
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";

/// Where a connection is cut when its client says COMMIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Before the server hears it: nothing is committed.
    Before,
    /// After the server has done it, before the client hears so.
    After,
}

#[derive(Debug, Default)]
struct Faults {
    target: AtomicU16,
    cut_before: AtomicU32,
    cut_after: AtomicU32,
    cuts: AtomicU32,
    swallow: AtomicBool,
}

/// A running proxy. It ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    /// Its port on 127.0.0.1.
    pub port: u16,
    faults: Arc<Faults>,
    /// Changes when every connection shall be cut.
    epoch: watch::Sender<u64>,
}

impl Proxy {
    /// A proxy to a port on 127.0.0.1.
    pub async fn start(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let faults = Arc::new(Faults::default());
        faults.target.store(target, Ordering::SeqCst);
        let (epoch, ended) = watch::channel(0);
        tokio::spawn(accept(listener, Arc::clone(&faults), ended));
        Self {
            port,
            faults,
            epoch,
        }
    }

    /// Cuts the next `times` connections that say COMMIT, whatever it was told before.
    pub fn cut_at_commit(&self, cut: Cut, times: u32) {
        let (before, after) = match cut {
            Cut::Before => (times, 0),
            Cut::After => (0, times),
        };
        self.faults.cut_before.store(before, Ordering::SeqCst);
        self.faults.cut_after.store(after, Ordering::SeqCst);
    }

    /// How many connections were cut at COMMIT.
    pub fn cuts(&self) -> u32 {
        self.faults.cuts.load(Ordering::SeqCst)
    }

    /// Loses everything that is said from now on, without closing anything, until it is told to stop.
    pub fn partition(&self, partitioned: bool) {
        self.faults.swallow.store(partitioned, Ordering::SeqCst);
        if !partitioned {
            // What was lost on the way is not said again on these connections.
            self.cut_all();
        }
    }

    /// Cuts every connection.
    pub fn cut_all(&self) {
        self.epoch.send_modify(|epoch| *epoch += 1);
    }

    /// Sends new connections elsewhere, and cuts the others.
    pub fn redirect(&self, target: u16) {
        self.faults.target.store(target, Ordering::SeqCst);
        self.cut_all();
    }
}

async fn accept(listener: TcpListener, faults: Arc<Faults>, mut epoch: watch::Receiver<u64>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            gone = epoch.changed() => match gone {
                Ok(()) => continue,
                Err(_) => return,
            },
        };
        let Ok((client, _)) = accepted else { continue };
        let faults = Arc::clone(&faults);
        let mut epoch = epoch.clone();
        epoch.mark_unchanged();
        tokio::spawn(async move {
            tokio::select! {
                () = pass(client, &faults) => {}
                _ = epoch.changed() => {}
            }
        });
    }
}

async fn pass(client: TcpStream, faults: &Faults) {
    let target = ("127.0.0.1", faults.target.load(Ordering::SeqCst));
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let deaf = AtomicBool::new(false);
    tokio::select! {
        () = forward(from_client, to_server, faults, &deaf) => {}
        () = back(from_server, to_client, faults, &deaf) => {}
    }
}

fn take(counter: &AtomicU32) -> bool {
    let less = |left: u32| left.checked_sub(1);
    counter
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, less)
        .is_ok()
}

async fn forward(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    faults: &Faults,
    deaf: &AtomicBool,
) {
    let mut bytes = vec![0; 64 << 10];
    while let Ok(count) = from.read(&mut bytes).await {
        if count == 0 {
            return;
        }
        let said = &bytes[..count];
        if faults.swallow.load(Ordering::SeqCst) {
            continue;
        }
        if said.windows(COMMIT.len()).any(|part| part == COMMIT) {
            if take(&faults.cut_before) {
                faults.cuts.fetch_add(1, Ordering::SeqCst);
                return;
            }
            if take(&faults.cut_after) {
                faults.cuts.fetch_add(1, Ordering::SeqCst);
                // The way back ends at the server's next word, which is that it has committed.
                deaf.store(true, Ordering::SeqCst);
            }
        }
        if to.write_all(said).await.is_err() {
            return;
        }
    }
}

async fn back(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, faults: &Faults, deaf: &AtomicBool) {
    let mut bytes = vec![0; 64 << 10];
    while let Ok(count) = from.read(&mut bytes).await {
        if count == 0 || deaf.load(Ordering::SeqCst) {
            return;
        }
        if faults.swallow.load(Ordering::SeqCst) {
            continue;
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
