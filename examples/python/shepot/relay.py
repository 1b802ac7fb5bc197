"""A connection to a relay: TLS, frames, and the first exchange (PROTOCOL.md, section 4)."""

from __future__ import annotations

import asyncio
import hashlib

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.protobuf.message import DecodeError as ProtobufError
from OpenSSL import SSL

from . import shepot_pb2 as pb
from .circle import access_key_id
from .crypto import hmac_sha256, same
from .invitation import Invitation

VERSION = 1
KEY_EXCHANGE = "X25519MLKEM768"
EXPORTER_SIZE = 32
LABEL_ACCESS = b"EXPORTER-shepot-access-v1"
LABEL_SEAT = b"EXPORTER-shepot-seat-v1"
READ_SIZE = 65536
# For each step of connecting (18.2).
STEP_S = 15.0
# What a relay sends at most (4.2).
FRAME_LIMIT = (4 << 20) + (32 << 10)


class RelayError(Exception):
    """The relay is not the one that was meant, or does not follow the protocol."""


class ConnectionClosed(RelayError):
    """The connection ended."""


class WrongRelay(RelayError):
    """The relay's key is not the one of the invitation."""


class NotAdmitted(RelayError):
    """The relay closed the connection without a word before `Welcome`."""


class RefusedByRelay(RelayError):
    """The relay refused the connection."""

    def __init__(self, refused: pb.Refused) -> None:
        super().__init__(pb.RefusalCause.Name(refused.cause))
        self.refused = refused


class Relay:
    """One connection, after `Welcome`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tls: SSL.Connection) -> None:
        self._reader = reader
        self._writer = writer
        self._tls = tls
        self._received = b""
        # When something came last.
        self.heard = asyncio.get_running_loop().time()
        self.pin = b""
        self.welcome = pb.Welcome()

    @staticmethod
    async def connect(invitation: Invitation, return_ticket: bytes = b"") -> Relay:
        """Connects, checks the pin, and says `Hello`."""
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        context.set_min_proto_version(SSL.TLS1_3_VERSION)
        context.set_options(SSL.OP_NO_TICKET)
        async with asyncio.timeout(STEP_S):
            reader, writer = await asyncio.open_connection(invitation.host, invitation.port)
        tls = SSL.Connection(context, None)
        tls.set_connect_state()
        relay = Relay(reader, writer, tls)
        try:
            async with asyncio.timeout(STEP_S):
                await relay._handshake(invitation)
            async with asyncio.timeout(STEP_S):
                await relay._greet(invitation, return_ticket)
        except BaseException:
            relay.abort()
            raise
        return relay

    async def _handshake(self, invitation: Invitation) -> None:
        while True:
            try:
                self._tls.do_handshake()
                break
            except SSL.WantReadError:
                await self._flush()
                await self._fill()
            except SSL.Error as error:
                raise RelayError("the TLS handshake failed") from error
        await self._flush()
        if self._tls.get_group_name() != KEY_EXCHANGE:
            raise RelayError("the relay chose another key exchange")
        certificate = self._tls.get_peer_certificate(as_cryptography=True)
        if certificate is None:
            raise RelayError("the relay has no certificate")
        key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.pin = hashlib.sha256(key).digest()
        if invitation.pin is not None and not same(self.pin, invitation.pin):
            raise WrongRelay("this is not the relay of the invitation")

    async def _greet(self, invitation: Invitation, return_ticket: bytes) -> None:
        hello = pb.Hello(lowest_version=VERSION, highest_version=VERSION, return_ticket=return_ticket)
        if invitation.access_key is not None:
            hello.access_key_id = access_key_id(invitation.access_key)
            hello.access_proof = hmac_sha256(invitation.access_key, self.exporter(LABEL_ACCESS))
        await self.send(pb.ClientToRelay(hello=hello))
        try:
            answer = await self.receive()
        except ConnectionClosed as error:
            raise NotAdmitted("the relay does not let this client in") from error
        if answer.WhichOneof("message") == "refused":
            raise RefusedByRelay(answer.refused)
        if answer.WhichOneof("message") != "welcome" or answer.welcome.version != VERSION:
            raise RelayError("the relay did not say Welcome")
        self.welcome = answer.welcome

    def exporter(self, label: bytes) -> bytes:
        """The TLS exporter of this connection (RFC 8446, section 7.5)."""
        return bytes(self._tls.export_keying_material(label, EXPORTER_SIZE))

    async def send(self, message: pb.ClientToRelay) -> None:
        """Sends one frame."""
        body = message.SerializeToString()
        self._tls.sendall(len(body).to_bytes(4, "big") + body)
        await self._flush()

    async def receive(self) -> pb.RelayToClient:
        """The next frame."""
        while True:
            size = int.from_bytes(self._received[:4], "big")
            if size > FRAME_LIMIT:
                raise RelayError("a frame that is too large")
            if len(self._received) >= 4 + max(size, 1):
                body, self._received = self._received[4 : 4 + size], self._received[4 + size :]
                try:
                    return pb.RelayToClient.FromString(body)
                except ProtobufError as error:
                    raise RelayError("a frame against the grammar") from error
            try:
                self._received += self._tls.recv(READ_SIZE)
            except SSL.WantReadError:
                await self._fill()
            except SSL.Error as error:
                raise ConnectionClosed("the relay closed the connection") from error

    async def _fill(self) -> None:
        try:
            data = await self._reader.read(READ_SIZE)
        except OSError as error:
            raise ConnectionClosed("the connection broke") from error
        if not data:
            raise ConnectionClosed("the relay closed the connection")
        self.heard = asyncio.get_running_loop().time()
        self._tls.bio_write(data)

    async def _flush(self) -> None:
        while True:
            try:
                self._writer.write(self._tls.bio_read(READ_SIZE))
            except SSL.WantReadError:
                break
        try:
            await self._writer.drain()
        except OSError as error:
            raise ConnectionClosed("the connection broke") from error

    def abort(self) -> None:
        """Ends the connection without a word, as when the network is gone."""
        self._writer.transport.abort()
