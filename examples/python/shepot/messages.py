"""The messages of MLS that a circle uses (RFC 9420, sections 6, 8.1, 8.4, 12)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from .codec import DecodeError, Reader, optional, uint, vector
from .crypto import CIPHER_SUITE, HASH_SIZE, SigningKey, verify_with_label
from .tree import MLS_VERSION, Extension, Leaf, encode_extensions

WIRE_PUBLIC_MESSAGE = 1
WIRE_PRIVATE_MESSAGE = 2
WIRE_GROUP_INFO = 4
CONTENT_APPLICATION = 1
CONTENT_COMMIT = 3
SENDER_MEMBER = 1
SENDER_NEW_MEMBER_COMMIT = 4
PSK_EXTERNAL = 1
PROPOSAL_BY_VALUE = 1


class ProposalKind(enum.IntEnum):
    """The proposals that circles use (section 17.4)."""

    REMOVE = 3
    PSK = 4
    EXTERNAL_INIT = 6
    GROUP_CONTEXT_EXTENSIONS = 7


def wrap(wire_format: int, body: bytes) -> bytes:
    """An `MLSMessage` (section 6)."""
    return uint(MLS_VERSION, 2) + uint(wire_format, 2) + body


def unwrap(message: bytes) -> tuple[int, Reader]:
    """The wire format of an `MLSMessage`, and a reader of what stands in it."""
    reader = Reader(message)
    if reader.uint(2) != MLS_VERSION:
        raise DecodeError("not MLS 1.0")
    return reader.uint(2), reader


@dataclass(frozen=True)
class GroupContext:
    """What all members of an epoch agree on (section 8.1)."""

    group_id: bytes
    epoch: int
    tree_hash: bytes
    confirmed_transcript_hash: bytes
    extensions: list[Extension]

    def encode(self) -> bytes:
        """Its bytes."""
        return (
            uint(MLS_VERSION, 2)
            + uint(CIPHER_SUITE, 2)
            + vector(self.group_id)
            + uint(self.epoch, 8)
            + vector(self.tree_hash)
            + vector(self.confirmed_transcript_hash)
            + encode_extensions(self.extensions)
        )

    @staticmethod
    def read(reader: Reader) -> GroupContext:
        """Reads one."""
        if reader.uint(2) != MLS_VERSION or reader.uint(2) != CIPHER_SUITE:
            raise DecodeError("a group of another version or suite")
        return GroupContext(
            reader.vector(), reader.uint(8), reader.vector(), reader.vector(), reader.items(Extension.read)
        )


@dataclass(frozen=True)
class GroupInfo:
    """What a newcomer learns of a group (section 12.4.3)."""

    context: GroupContext
    extensions: list[Extension]
    confirmation_tag: bytes
    signer: int
    signature: bytes = b""

    def _to_be_signed(self) -> bytes:
        return (
            self.context.encode()
            + encode_extensions(self.extensions)
            + vector(self.confirmation_tag)
            + uint(self.signer, 4)
        )

    def sealed_by(self, key: SigningKey) -> bytes:
        """The `MLSMessage` with its signature."""
        signature = key.sign_with_label("GroupInfoTBS", self._to_be_signed())
        return wrap(WIRE_GROUP_INFO, self._to_be_signed() + vector(signature))

    @staticmethod
    def read(message: bytes) -> GroupInfo:
        """Reads the `MLSMessage`."""
        wire_format, reader = unwrap(message)
        if wire_format != WIRE_GROUP_INFO:
            raise DecodeError("not a GroupInfo")
        info = GroupInfo(
            GroupContext.read(reader),
            reader.items(Extension.read),
            reader.vector(),
            reader.uint(4),
            reader.vector(),
        )
        reader.finish()
        return info

    def verify(self, signature_key: bytes) -> None:
        """Raises unless the signature is right."""
        verify_with_label(signature_key, "GroupInfoTBS", self._to_be_signed(), self.signature)


@dataclass(frozen=True)
class PskId:
    """A `PreSharedKeyID` of an external key (section 8.4)."""

    psk_id: bytes
    nonce: bytes

    def encode(self) -> bytes:
        """Its bytes."""
        return uint(PSK_EXTERNAL, 1) + vector(self.psk_id) + vector(self.nonce)

    @staticmethod
    def read(reader: Reader) -> PskId:
        """Reads one."""
        if reader.uint(1) != PSK_EXTERNAL:
            raise DecodeError("a pre-shared key that is not external")
        psk = PskId(reader.vector(), reader.vector())
        if len(psk.nonce) != HASH_SIZE:
            raise DecodeError("a nonce of a wrong size")
        return psk


@dataclass(frozen=True)
class Remove:
    """A `Remove` (section 12.1.3)."""

    leaf: int


@dataclass(frozen=True)
class ExternalInit:
    """An `ExternalInit` (section 12.1.6)."""

    kem_output: bytes


@dataclass(frozen=True)
class NewExtensions:
    """A `GroupContextExtensions` (section 12.1.7)."""

    extensions: list[Extension]


Proposal = Remove | PskId | ExternalInit | NewExtensions


def encode_proposal(proposal: Proposal) -> bytes:
    """A proposal by value (sections 12.1 and 12.4)."""
    match proposal:
        case Remove(leaf):
            kind, body = ProposalKind.REMOVE, uint(leaf, 4)
        case PskId():
            kind, body = ProposalKind.PSK, proposal.encode()
        case ExternalInit(kem_output):
            kind, body = ProposalKind.EXTERNAL_INIT, vector(kem_output)
        case NewExtensions(extensions):
            kind, body = ProposalKind.GROUP_CONTEXT_EXTENSIONS, encode_extensions(extensions)
    return uint(PROPOSAL_BY_VALUE, 1) + uint(kind, 2) + body


def read_proposal(reader: Reader) -> Proposal:
    """Reads a proposal by value; a circle knows no others."""
    if reader.uint(1) != PROPOSAL_BY_VALUE:
        raise DecodeError("a proposal by reference")
    match reader.uint(2):
        case ProposalKind.REMOVE:
            return Remove(reader.uint(4))
        case ProposalKind.PSK:
            return PskId.read(reader)
        case ProposalKind.EXTERNAL_INIT:
            return ExternalInit(reader.vector())
        case ProposalKind.GROUP_CONTEXT_EXTENSIONS:
            return NewExtensions(reader.items(Extension.read))
    raise DecodeError("a proposal of a kind that circles do not use")


@dataclass(frozen=True)
class PathNode:
    """An `UpdatePathNode` (section 7.6): a key, and its path secret for each node of a resolution."""

    encryption_key: bytes
    # KEM output and ciphertext.
    secrets: list[tuple[bytes, bytes]]

    def encode(self) -> bytes:
        """Its bytes."""
        secrets = b"".join(vector(kem_output) + vector(ciphertext) for kem_output, ciphertext in self.secrets)
        return vector(self.encryption_key) + vector(secrets)

    @staticmethod
    def read(reader: Reader) -> PathNode:
        """Reads one."""
        return PathNode(reader.vector(), reader.items(lambda inner: (inner.vector(), inner.vector())))


@dataclass(frozen=True)
class Path:
    """An `UpdatePath` (section 7.6)."""

    leaf: Leaf
    nodes: list[PathNode]

    def encode(self) -> bytes:
        """Its bytes."""
        return self.leaf.encode() + vector(b"".join(node.encode() for node in self.nodes))

    @staticmethod
    def read(reader: Reader) -> Path:
        """Reads one."""
        return Path(Leaf.read(reader), reader.items(PathNode.read))


@dataclass(frozen=True)
class Commit:
    """A `Commit` (section 12.4)."""

    proposals: list[Proposal]
    path: Path | None

    def encode(self) -> bytes:
        """Its bytes."""
        proposals = b"".join(encode_proposal(proposal) for proposal in self.proposals)
        return vector(proposals) + optional(None if self.path is None else self.path.encode())

    @staticmethod
    def read(reader: Reader) -> Commit:
        """Reads one."""
        return Commit(reader.items(read_proposal), reader.optional(Path.read))


@dataclass(frozen=True)
class Framed:
    """A `FramedContent` (section 6) of a member, or of a newcomer's commit when there is no sender."""

    group_id: bytes
    epoch: int
    # The sender's leaf; none is `new_member_commit`.
    sender: int | None
    authenticated_data: bytes
    content_type: int
    # The application data, or a `Commit`.
    content: bytes

    def _head(self) -> bytes:
        sender = uint(SENDER_NEW_MEMBER_COMMIT, 1)
        if self.sender is not None:
            sender = uint(SENDER_MEMBER, 1) + uint(self.sender, 4)
        return vector(self.group_id) + uint(self.epoch, 8) + sender + vector(self.authenticated_data)

    def body(self) -> bytes:
        """The content as it stands in the message."""
        return vector(self.content) if self.content_type == CONTENT_APPLICATION else self.content

    def encode(self) -> bytes:
        """Its bytes."""
        return self._head() + uint(self.content_type, 1) + self.body()


@dataclass(frozen=True)
class Authenticated:
    """An `AuthenticatedContent` (section 6.1)."""

    wire_format: int
    framed: Framed
    signature: bytes
    # Of a commit.
    confirmation_tag: bytes = b""

    @staticmethod
    def to_be_signed(wire_format: int, framed: Framed, context: GroupContext) -> bytes:
        """`FramedContentTBS` (section 6.1)."""
        return uint(MLS_VERSION, 2) + uint(wire_format, 2) + framed.encode() + context.encode()

    @staticmethod
    def sign(wire_format: int, framed: Framed, context: GroupContext, key: SigningKey) -> Authenticated:
        """Signs content; a commit's confirmation tag comes later."""
        content = Authenticated.to_be_signed(wire_format, framed, context)
        return Authenticated(wire_format, framed, key.sign_with_label("FramedContentTBS", content))

    def verify(self, context: GroupContext, signature_key: bytes) -> None:
        """Raises unless the signature is right."""
        content = Authenticated.to_be_signed(self.wire_format, self.framed, context)
        verify_with_label(signature_key, "FramedContentTBS", content, self.signature)

    def confirmed_input(self) -> bytes:
        """`ConfirmedTranscriptHashInput` (section 8.2)."""
        return uint(self.wire_format, 2) + self.framed.encode() + vector(self.signature)

    def auth_data(self) -> bytes:
        """`FramedContentAuthData` (section 6.1)."""
        tag = vector(self.confirmation_tag) if self.framed.content_type == CONTENT_COMMIT else b""
        return vector(self.signature) + tag

    def public_message(self) -> bytes:
        """The `PublicMessage` of a newcomer, which has no membership tag (section 6.2)."""
        return wrap(WIRE_PUBLIC_MESSAGE, self.framed.encode() + self.auth_data())


def read_external_commit(reader: Reader) -> tuple[Authenticated, Commit]:
    """Reads the `PublicMessage` of a newcomer (sections 6.2 and 12.4.3.2)."""
    group_id, epoch = reader.vector(), reader.uint(8)
    if reader.uint(1) != SENDER_NEW_MEMBER_COMMIT:
        raise DecodeError("a public message that is no newcomer's")
    authenticated_data = reader.vector()
    if reader.uint(1) != CONTENT_COMMIT:
        raise DecodeError("a public message that is no commit")
    start = reader.position()
    commit = Commit.read(reader)
    framed = Framed(group_id, epoch, None, authenticated_data, CONTENT_COMMIT, reader.since(start))
    content = Authenticated(WIRE_PUBLIC_MESSAGE, framed, reader.vector(), reader.vector())
    reader.finish()
    return content, commit
