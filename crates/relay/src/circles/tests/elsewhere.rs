//! Circles on another machine: a line there, a line back, and at the other end the circles of a relay.
//!
//! Nothing is known at either end but what came over the lines. A connection gets what its circle has for it when it
//! asks for more, a batch at a time, refusals too, and so many requests of a membership are on their way: however slow
//! it is, the lines and this end hold no more of it. (A real one would count `Enter` and `Leave`, too, and for the
//! whole connection.)

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Instant;

use bytes::Bytes;
use shepot_protocol::id::AccessKeyId;
use shepot_protocol::message::Enter;
use shepot_protocol::transcript::ChannelBinding;
use shepot_protocol::{CircleId, ClientToRelay};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::budget::Means;
use crate::circle::{Expulsion, Pulled};
use crate::circles::own::OwnCircles;
use crate::circles::refusal::Subject;
use crate::circles::{Circles, Entrant, Membership, NotDone, Peer, Reader};
use crate::clock::Clock;
use crate::id::ConnectionId;
use crate::origin::Origin;

/// Requests of one membership whose outcome is not known here yet.
const MOST_ON_THE_WAY: usize = 4;

/// Which membership of which door.
type Number = u64;

/// To the circles.
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
    address: SocketAddr,
    came_by: (Option<AccessKeyId>, Origin),
    back: UnboundedSender<(Number, Told)>,
}

/// Back to the door.
enum Told {
    Ring,
    Expel(Expulsion),
    Pulled { frames: Vec<Bytes>, outcomes: usize, more: bool, is_seated: bool, is_over: bool },
}

/// The way to circles that are kept elsewhere.
#[derive(Clone)]
pub(super) struct Line {
    to: UnboundedSender<(Number, Sent)>,
    doors: Arc<AtomicU64>,
}

impl Line {
    /// `own`: what is at the other end.
    pub(super) fn to(own: &Arc<OwnCircles>, clock: Arc<dyn Clock>) -> Self {
        let (to, arrived) = unbounded_channel();
        tokio::spawn(keep(Arc::clone(own), clock, arrived));
        Self { to, doors: Arc::default() }
    }
}

#[derive(Debug, Default)]
struct Came {
    frames: VecDeque<Bytes>,
    on_the_way: usize,
    /// There is more to read.
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

type Doors = Arc<Mutex<HashMap<Number, Weak<AtTheDoor>>>>;

/// The circles as the connections of one door see them.
pub(super) struct Elsewhere {
    line: Line,
    next: AtomicU64,
    back: UnboundedSender<(Number, Told)>,
    memberships: Doors,
}

impl Elsewhere {
    pub(super) fn new(line: &Line) -> Self {
        let door = line.doors.fetch_add(1, Ordering::Relaxed);
        let (back, told) = unbounded_channel();
        let memberships = Doors::default();
        tokio::spawn(hear(Arc::clone(&memberships), told));
        Self { line: line.clone(), next: AtomicU64::new(door << 32), back, memberships }
    }
}

/// Takes what comes back.
async fn hear(memberships: Doors, mut told: UnboundedReceiver<(Number, Told)>) {
    while let Some((number, told)) = told.recv().await {
        let membership = memberships.lock().unwrap().get(&number).and_then(Weak::upgrade);
        let Some(membership) = membership else { continue };
        match told {
            Told::Ring => membership.came.lock().unwrap().has_news = true,
            Told::Expel(why) => membership.reader.peer.expel(why),
            Told::Pulled { frames, outcomes, more, is_seated, is_over } => {
                let mut came = membership.came.lock().unwrap();
                came.frames.extend(frames);
                came.on_the_way -= outcomes;
                came.has_news |= more;
                came.is_asked = false;
                (came.is_seated, came.is_over) = (is_seated, is_over);
            }
        }
        membership.reader.ring();
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
        let entering = Entering {
            enter: enter.clone(),
            binding: binding.clone(),
            only_returns,
            address: reader.peer.address(),
            came_by: reader.peer.means().memory.came_by(),
            back: self.back.clone(),
        };
        let at_the_door = Arc::new(AtTheDoor { circle: enter.circle(), reader, came: Mutex::default() });
        self.memberships.lock().unwrap().insert(number, Arc::downgrade(&at_the_door));
        let memberships = Arc::clone(&self.memberships);
        let away = Away { number, line: self.line.clone(), memberships, at_the_door };
        away.send(Sent::Enter(entering));
        Ok(Box::new(away))
    }

    fn seats(&self) -> HashMap<ConnectionId, usize> {
        let mut seats = HashMap::new();
        for membership in self.memberships.lock().unwrap().values().filter_map(Weak::upgrade) {
            if membership.came.lock().unwrap().is_seated {
                *seats.entry(membership.reader.peer.id()).or_default() += 1;
            }
        }
        seats
    }
}

/// A connection in a circle that is elsewhere.
struct Away {
    number: Number,
    line: Line,
    memberships: Doors,
    at_the_door: Arc<AtTheDoor>,
}

/// The connection is gone, or its relay. Who left already is not known at the other end any more.
impl Drop for Away {
    fn drop(&mut self) {
        self.memberships.lock().unwrap().remove(&self.number);
        self.send(Sent::Lose);
    }
}

impl Away {
    fn send(&self, sent: Sent) {
        // When the relay stops the other end is gone first.
        let _ = self.line.to.send((self.number, sent));
    }
}

impl Membership for Away {
    fn circle(&self) -> CircleId {
        self.at_the_door.circle
    }

    fn ask(&mut self, _: Instant, request: ClientToRelay, _: &mut Vec<Reader>) -> Result<(), NotDone> {
        let mut came = self.at_the_door.came.lock().unwrap();
        assert!(came.on_the_way < MOST_ON_THE_WAY, "asked although it was full");
        came.on_the_way += 1;
        drop(came);
        self.send(Sent::Ask(request));
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.at_the_door.came.lock().unwrap().on_the_way >= MOST_ON_THE_WAY
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
        // Dropped.
    }
}

/// The connection as the circles at the other end know it.
#[derive(Debug)]
struct FromElsewhere {
    number: Number,
    address: SocketAddr,
    means: Means,
    back: UnboundedSender<(Number, Told)>,
}

impl FromElsewhere {
    fn tell(&self, told: Told) {
        // The door may be gone: then nobody is there to be told.
        let _ = self.back.send((self.number, told));
    }
}

impl Peer for FromElsewhere {
    fn id(&self) -> ConnectionId {
        ConnectionId(1 << 60 | self.number)
    }

    fn address(&self) -> SocketAddr {
        self.address
    }

    fn means(&self) -> &Means {
        &self.means
    }

    fn ring(&self, slot: u8) {
        assert_eq!(slot, 0, "every membership is a peer of its own");
        self.tell(Told::Ring);
    }

    fn expel(&self, why: Expulsion) {
        self.tell(Told::Expel(why));
    }
}

/// A membership at the end where its circle is; none where it was refused.
struct Kept {
    peer: Arc<FromElsewhere>,
    membership: Option<Box<dyn Membership>>,
    refusals: VecDeque<Bytes>,
    /// Of requests, not told yet.
    outcomes: usize,
}

impl Kept {
    fn refuse(&mut self, subject: Subject, refused: &NotDone) {
        self.refusals.extend(subject.refusal(refused).map(|message| message.to_frame().unwrap()));
    }
}

/// The other end.
struct Keeper {
    own: Arc<OwnCircles>,
    kept: HashMap<Number, Kept>,
    woken: Vec<Reader>,
}

impl Keeper {
    fn enter(&mut self, now: Instant, number: Number, entering: Entering) {
        let Entering { enter, binding, only_returns, address, came_by, back } = entering;
        let means = self.own.means(came_by.0, came_by.1);
        let peer = Arc::new(FromElsewhere { number, address, means, back });
        let reader = Reader { peer: Arc::<FromElsewhere>::clone(&peer), slot: 0 };
        let entrant = Entrant { reader, enter: &enter, binding: &binding, only_returns };
        let entered = self.own.enter(now, entrant, &mut self.woken);
        let mut kept = Kept { peer, membership: None, refusals: VecDeque::new(), outcomes: 0 };
        match entered {
            Ok(membership) => kept.membership = Some(membership),
            Err(refused) => kept.refuse(Subject::of(&ClientToRelay::Enter(enter)), &refused),
        }
        kept.peer.tell(Told::Ring);
        self.kept.insert(number, kept);
    }

    fn ask(&mut self, now: Instant, number: Number, request: ClientToRelay) {
        let Some(kept) = self.kept.get_mut(&number) else { return };
        let subject = Subject::of(&request);
        let done = match &mut kept.membership {
            Some(membership) => membership.ask(now, request, &mut self.woken),
            None => Err(shepot_protocol::message::RefusalCause::NotSeated.into()),
        };
        if let Err(refused) = done {
            kept.refuse(subject, &refused);
        }
        kept.outcomes += 1;
        kept.peer.tell(Told::Ring);
    }

    fn pull(&mut self, number: Number, room: usize) {
        let Some(kept) = self.kept.get_mut(&number) else { return };
        let mut frames: Vec<_> = kept.refusals.drain(..).collect();
        let outcomes = std::mem::take(&mut kept.outcomes);
        let over = Pulled { is_over: true, ..Pulled::default() };
        let pulled = kept.membership.as_mut().map_or(over, |membership| membership.pull(room, &mut frames));
        let (more, is_over) = (pulled.more, pulled.is_over);
        let is_seated = kept.membership.as_ref().is_some_and(|membership| membership.is_seated());
        kept.peer.tell(Told::Pulled { frames, outcomes, more, is_seated, is_over });
        if is_over {
            self.kept.remove(&number);
        }
    }

    fn end(&mut self, number: Number, how: impl FnOnce(Box<dyn Membership>, &mut Vec<Reader>)) {
        if let Some(membership) = self.kept.remove(&number).and_then(|kept| kept.membership) {
            how(membership, &mut self.woken);
        }
    }
}

/// Does what arrives, in order.
async fn keep(own: Arc<OwnCircles>, clock: Arc<dyn Clock>, mut arrived: UnboundedReceiver<(Number, Sent)>) {
    let mut keeper = Keeper { own, kept: HashMap::new(), woken: Vec::new() };
    while let Some((number, sent)) = arrived.recv().await {
        let now = clock.now();
        match sent {
            Sent::Enter(entering) => keeper.enter(now, number, entering),
            Sent::Ask(request) => keeper.ask(now, number, request),
            Sent::Pull(room) => keeper.pull(number, room),
            Sent::Leave => keeper.end(number, |membership, woken| membership.leave(now, woken)),
            Sent::Lose => keeper.end(number, |membership, woken| membership.lose(now, woken)),
        }
        keeper.woken.drain(..).for_each(|reader| reader.ring());
    }
}
