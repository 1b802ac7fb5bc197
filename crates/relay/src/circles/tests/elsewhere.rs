//! Circles on another machine: a line, and at its other end the circles of a relay.
//!
//! Nothing is known at this end but what came over the line. A connection gets what its circle has for it when it asks for
//! more, and a batch at a time: however slow it is, the line and this end hold no more of it.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use shepot_protocol::id::AccessKeyId;
use shepot_protocol::message::Enter;
use shepot_protocol::transcript::ChannelBinding;
use shepot_protocol::{CircleId, ClientToRelay};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::circle::{Expulsion, Pulled};
use crate::circles::own::OwnCircles;
use crate::circles::{Circles, Entrant, Membership, NotDone, Peer, Reader};
use crate::clock::Clock;
use crate::connection::refused::Subject;
use crate::id::ConnectionId;
use crate::origin::Origin;

/// What goes over the line, about one membership.
enum Sent {
    Enter(Entering),
    Ask(ClientToRelay),
    Pull(usize),
    Leave,
    Lose,
}

struct Entering {
    enter: Enter,
    binding: ChannelBinding,
    only_returns: bool,
    at_the_door: Arc<AtTheDoor>,
}

type Line = UnboundedSender<(u64, Sent)>;

/// What has come back over the line for a membership.
#[derive(Debug, Default)]
struct Came {
    frames: VecDeque<Bytes>,
    /// The circle has more to read.
    has_news: bool,
    /// More was asked for, and has not come yet.
    is_asked: bool,
    is_seated: bool,
    is_over: bool,
}

/// A membership at the end where its connection is.
#[derive(Debug)]
struct AtTheDoor {
    circle: CircleId,
    reader: Reader,
    came: Mutex<Came>,
}

impl AtTheDoor {
    fn change(&self, change: impl FnOnce(&mut Came)) {
        change(&mut self.came.lock().unwrap());
        self.reader.ring();
    }

    fn refuse(&self, subject: Subject, refused: &NotDone) {
        let said = subject.refusal(refused);
        self.change(|came| came.frames.extend(said.map(|message| message.to_frame().unwrap())));
    }
}

/// The connection at the end where its circle is.
impl Peer for AtTheDoor {
    fn id(&self) -> ConnectionId {
        self.reader.peer.id()
    }

    fn address(&self) -> SocketAddr {
        self.reader.peer.address()
    }

    fn came_by(&self) -> (Option<AccessKeyId>, Origin) {
        self.reader.peer.came_by()
    }

    fn ring(&self, slot: u8) {
        assert_eq!(slot, 0, "every membership is a peer of its own");
        self.change(|came| came.has_news = true);
    }

    fn expel(&self, why: Expulsion) {
        self.reader.peer.expel(why);
    }
}

pub(super) struct Elsewhere {
    line: Line,
    next: AtomicU64,
    seats: Arc<OwnCircles>,
}

impl Elsewhere {
    /// `own`: what is at the other end.
    pub(super) fn new(own: &Arc<OwnCircles>, clock: Arc<dyn Clock>) -> Self {
        let (line, arrived) = unbounded_channel();
        tokio::spawn(keep(Arc::clone(own), clock, arrived));
        Self { line, next: AtomicU64::new(0), seats: Arc::clone(own) }
    }
}

impl Circles for Elsewhere {
    fn enter(
        &self,
        _: Instant,
        entrant: Entrant<'_>,
        _: &mut Vec<Reader>,
    ) -> Result<Box<dyn Membership>, NotDone> {
        let Entrant { reader, enter, binding, only_returns } = entrant;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let circle = enter.circle();
        let at_the_door = Arc::new(AtTheDoor { circle, reader, came: Mutex::default() });
        let away = Away { number, line: self.line.clone(), at_the_door: Arc::clone(&at_the_door) };
        let (enter, binding) = (enter.clone(), binding.clone());
        away.send(Sent::Enter(Entering { enter, binding, only_returns, at_the_door }));
        Ok(Box::new(away))
    }

    fn seats(&self) -> HashMap<ConnectionId, usize> {
        self.seats.seats()
    }
}

/// A connection in a circle that is elsewhere.
struct Away {
    number: u64,
    line: Line,
    at_the_door: Arc<AtTheDoor>,
}

impl Away {
    fn send(&self, sent: Sent) {
        // When the relay stops the other end is gone first.
        let _ = self.line.send((self.number, sent));
    }
}

impl Membership for Away {
    fn circle(&self) -> CircleId {
        self.at_the_door.circle
    }

    fn ask(&mut self, _: Instant, request: ClientToRelay, _: &mut Vec<Reader>) -> Result<(), NotDone> {
        self.send(Sent::Ask(request));
        Ok(())
    }

    fn pull(&mut self, room: usize, batch: &mut Vec<Bytes>) -> Pulled {
        let mut came = self.at_the_door.came.lock().unwrap();
        let mut taken = 0;
        while taken < room
            && let Some(frame) = came.frames.pop_front()
        {
            taken += frame.len();
            batch.push(frame);
        }
        let more = !came.frames.is_empty();
        if !more && came.has_news && !came.is_asked {
            (came.has_news, came.is_asked) = (false, true);
            self.send(Sent::Pull(room));
        }
        Pulled { more, oldest: None, is_over: came.is_over && !more }
    }

    fn is_seated(&self) -> bool {
        self.at_the_door.came.lock().unwrap().is_seated
    }

    fn leave(self: Box<Self>, _: Instant, _: &mut Vec<Reader>) {
        self.send(Sent::Leave);
    }

    fn lose(self: Box<Self>, _: Instant, _: &mut Vec<Reader>) {
        self.send(Sent::Lose);
    }
}

/// The other end.
struct Keeper {
    own: Arc<OwnCircles>,
    kept: HashMap<u64, (Box<dyn Membership>, Arc<AtTheDoor>)>,
    woken: Vec<Reader>,
}

impl Keeper {
    fn enter(&mut self, now: Instant, number: u64, entering: Entering) {
        let Entering { enter, binding, only_returns, at_the_door } = entering;
        let reader = Reader { peer: Arc::<AtTheDoor>::clone(&at_the_door), slot: 0 };
        let entrant = Entrant { reader, enter: &enter, binding: &binding, only_returns };
        match self.own.enter(now, entrant, &mut self.woken) {
            Ok(membership) => {
                self.kept.insert(number, (membership, at_the_door));
            }
            Err(refused) => {
                at_the_door.refuse(Subject::of(&ClientToRelay::Enter(enter)), &refused);
                at_the_door.change(|came| came.is_over = true);
            }
        }
    }

    fn ask(&mut self, now: Instant, number: u64, request: ClientToRelay) {
        let Some((membership, at_the_door)) = self.kept.get_mut(&number) else { return };
        let subject = Subject::of(&request);
        if let Err(refused) = membership.ask(now, request, &mut self.woken) {
            at_the_door.refuse(subject, &refused);
        }
    }

    fn pull(&mut self, number: u64, room: usize) {
        let Some((membership, at_the_door)) = self.kept.get_mut(&number) else { return };
        let mut batch = Vec::new();
        let pulled = membership.pull(room, &mut batch);
        let is_seated = membership.is_seated();
        at_the_door.change(|came| {
            came.frames.extend(batch);
            came.has_news |= pulled.more;
            came.is_asked = false;
            came.is_seated = is_seated;
            came.is_over |= pulled.is_over;
        });
    }
}

/// Does what arrives, in order.
async fn keep(own: Arc<OwnCircles>, clock: Arc<dyn Clock>, mut arrived: UnboundedReceiver<(u64, Sent)>) {
    let mut keeper = Keeper { own, kept: HashMap::new(), woken: Vec::new() };
    while let Some((number, sent)) = arrived.recv().await {
        let now = clock.now();
        match sent {
            Sent::Enter(entering) => keeper.enter(now, number, entering),
            Sent::Ask(request) => keeper.ask(now, number, request),
            Sent::Pull(room) => keeper.pull(number, room),
            Sent::Leave => {
                if let Some((membership, _)) = keeper.kept.remove(&number) {
                    membership.leave(now, &mut keeper.woken);
                }
            }
            Sent::Lose => {
                if let Some((membership, _)) = keeper.kept.remove(&number) {
                    membership.lose(now, &mut keeper.woken);
                }
            }
        }
        keeper.woken.drain(..).for_each(|reader| reader.ring());
    }
}
