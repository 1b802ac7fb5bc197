//! The floor: the least that a TLS server can do to bring each message of one room to everybody in it.
//!
//! tokio-rustls, one task per connection, one shared list of messages, and every waiting message in one record and one
//! write. No admission, no bounds, no circles, no acknowledgement but the echo to the author. What a relay costs above
//! it is what its work costs.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use shepot_protocol::FrameReader;
use shepot_protocol::frame::encode_frame;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

#[derive(Default)]
struct Room {
    messages: Mutex<Vec<Bytes>>,
    news: Notify,
}

const RECORD: usize = 16 * 1024;

pub(crate) async fn serve(listener: TcpListener, config: Arc<rustls::ServerConfig>) {
    let (room, acceptor) = (Arc::new(Room::default()), TlsAcceptor::from(config));
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (room, acceptor) = (room.clone(), acceptor.clone());
        tokio::spawn(async move {
            let _ = connection(&room, &acceptor, stream).await;
        });
    }
}

async fn connection(room: &Room, acceptor: &TlsAcceptor, stream: TcpStream) -> std::io::Result<()> {
    // The handshake's memory is given back, as in the relay.
    let mut stream = Box::pin(acceptor.accept(stream)).await?;
    let mut cursor = room.messages.lock().unwrap().len();
    let mut frames = FrameReader::new();
    let mut batch = Vec::new();
    let mut buffer = [0; 4096];
    // A byte to say that the connection is there.
    stream.write_all(&encode_frame(b"+").unwrap()).await?;
    stream.flush().await?;
    loop {
        let notified = room.news.notified();
        tokio::pin!(notified);
        notified.as_mut().enable();
        batch.clear();
        {
            let messages = room.messages.lock().unwrap();
            while let Some(message) = messages.get(cursor)
                && batch.len() < RECORD
            {
                batch.extend_from_slice(message);
                cursor += 1;
            }
        }
        if !batch.is_empty() {
            stream.write_all(&batch).await?;
            stream.flush().await?;
            continue;
        }
        batch.shrink_to_fit();
        tokio::select! {
            () = notified => {}
            read = stream.read(&mut buffer) => {
                let length = read?;
                if length == 0 {
                    return Ok(());
                }
                frames.extend(&buffer[..length]);
                let mut said = false;
                while let Some(frame) = frames.next_frame(RECORD).unwrap() {
                    // Encoded once for everybody.
                    room.messages.lock().unwrap().push(encode_frame(&frame).unwrap());
                    said = true;
                }
                if said {
                    room.news.notify_waiters();
                }
            }
        }
    }
}
