"""One epoch of an MLS group as one member sees it (RFC 9420, sections 6.3, 7.4 to 7.6, 11 and 12.4).

A `Group` never changes its epoch: a commit gives another `Group`, and the old one can still read what comes late.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .codec import DecodeError, Reader, uint, vector
from .crypto import (
    HASH_SIZE,
    CryptoError,
    KemKey,
    SigningKey,
    aead_open,
    aead_seal,
    decrypt_with_label,
    derive_secret,
    encrypt_with_label,
    external_init_receive,
    external_init_send,
    hmac_sha256,
    same,
)
from .messages import (
    CONTENT_APPLICATION,
    CONTENT_COMMIT,
    WIRE_PRIVATE_MESSAGE,
    WIRE_PUBLIC_MESSAGE,
    Authenticated,
    Commit,
    ExternalInit,
    Framed,
    GroupContext,
    GroupInfo,
    NewExtensions,
    Path,
    PathNode,
    Proposal,
    PskId,
    Remove,
    read_external_commit,
    unwrap,
    wrap,
)
from .schedule import EpochSecrets, Ratchet, SecretTree, confirmed_hash, interim_hash, psk_secret, sender_data_key
from .tree import (
    SOURCE_COMMIT,
    SOURCE_KEY_PACKAGE,
    Capabilities,
    Extension,
    InvalidTree,
    Leaf,
    Tree,
    find_extension,
)

EXTENSION_RATCHET_TREE = 2
EXTENSION_EXTERNAL_PUB = 4
REUSE_GUARD_SIZE = 4
# What a founder's leaf tells (section 7.2): other clients may not accept one that lives longer than some months.
CLOCK_MARGIN_S = 3600
LIFETIME_S = 84 * 24 * 3600


class InvalidCommit(ValueError):
    """A commit breaks a rule of RFC 9420, section 12.2 or 12.4.2."""


class Removed(Exception):
    """A commit by a member removes this one."""

    def __init__(self, removed: list[int], authenticated_data: bytes) -> None:
        super().__init__("removed from the group")
        self.removed = removed
        self.authenticated_data = authenticated_data


@dataclass(frozen=True)
class Identity:
    """What a member writes into its leaf."""

    key: SigningKey
    capabilities: Capabilities
    extensions: list[Extension]

    def leaf(self, encryption_key: bytes, source: int, parent_hash: bytes = b"") -> Leaf:
        """A leaf without a signature."""
        now = int(time.time())
        lifetime = uint(now - CLOCK_MARGIN_S, 8) + uint(now + LIFETIME_S, 8) if source == SOURCE_KEY_PACKAGE else b""
        return Leaf(
            encryption_key, self.key.public, b"", self.capabilities, source, lifetime, parent_hash, self.extensions
        )


@dataclass(frozen=True)
class Received:
    """An application message that was opened."""

    sender: int
    authenticated_data: bytes
    data: bytes


@dataclass(frozen=True)
class StagedCommit:
    """A valid commit: who made it, what it does, and the epoch that it begins."""

    committer: int
    is_external: bool
    removed: list[int]
    authenticated_data: bytes
    psk_ids: list[bytes]
    group: Group


@dataclass(frozen=True)
class _OwnPath:
    """An update path that this member makes: the tree with it, and its secrets."""

    path_secrets: list[bytes]
    commit_secret: bytes
    leaf_key: KemKey
    filtered: list[tuple[int, int]]

    @staticmethod
    def write(tree: Tree, index: int, identity: Identity, group_id: bytes) -> _OwnPath:
        """Fresh keys for a leaf and its path (section 7.5)."""
        filtered = tree.filtered_path(index)
        secret, secrets = os.urandom(HASH_SIZE), []
        for _ in filtered:
            secrets.append(secret)
            secret = derive_secret(secret, "path")
        leaf_key = KemKey.generate()
        parent_hash = tree.set_path(index, [_node_key(secret).public for secret in secrets])
        leaf = identity.leaf(leaf_key.public, SOURCE_COMMIT, parent_hash).signed(identity.key, group_id, index)
        tree.nodes[2 * index] = leaf
        return _OwnPath(secrets, secret, leaf_key, filtered)

    def encrypt(self, tree: Tree, index: int, context: GroupContext) -> Path:
        """The path as it is sent (section 7.6)."""
        nodes = []
        for (_, copath), secret in zip(self.filtered, self.path_secrets):
            secrets = []
            for below in tree.resolution(copath):
                node = tree.nodes[below]
                if node is None:
                    raise InvalidTree("a blank node in a resolution")
                secrets.append(encrypt_with_label(node.encryption_key, "UpdatePathNode", context.encode(), secret))
            nodes.append(PathNode(_node_key(secret).public, secrets))
        return Path(tree.leaf(index), nodes)

    def keys(self, index: int) -> dict[int, KemKey]:
        """The private keys by node."""
        keys = {node: _node_key(secret) for (node, _), secret in zip(self.filtered, self.path_secrets)}
        return {2 * index: self.leaf_key, **keys}


def _node_key(path_secret: bytes) -> KemKey:
    """The key pair of a node (section 7.4)."""
    return KemKey.derive(derive_secret(path_secret, "node"))


@dataclass
class Group:
    """The state of an epoch."""

    context: GroupContext
    tree: Tree
    index: int
    identity: Identity
    keys: dict[int, KemKey]
    secrets: EpochSecrets
    confirmation_tag: bytes
    secret_tree: SecretTree

    @property
    def epoch(self) -> int:
        """The number of the epoch."""
        return self.context.epoch

    @property
    def interim_transcript_hash(self) -> bytes:
        """What the next commit's transcript goes on from (section 8.2)."""
        return interim_hash(self.context.confirmed_transcript_hash, self.confirmation_tag)

    @staticmethod
    def _of(
        context: GroupContext,
        tree: Tree,
        index: int,
        identity: Identity,
        keys: dict[int, KemKey],
        secrets: EpochSecrets,
    ) -> Group:
        tag = hmac_sha256(secrets.confirmation, context.confirmed_transcript_hash)
        secret_tree = SecretTree(secrets.encryption, tree.width)
        return Group(context, tree, index, identity, keys, secrets, tag, secret_tree)

    @staticmethod
    def create(group_id: bytes, extensions: list[Extension], identity: Identity) -> Group:
        """A group of one (section 11)."""
        key = KemKey.generate()
        leaf = identity.leaf(key.public, SOURCE_KEY_PACKAGE).signed(identity.key, group_id, 0)
        tree = Tree([leaf])
        context = GroupContext(group_id, 0, tree.hash(), b"", extensions)
        return Group._of(context, tree, 0, identity, {0: key}, EpochSecrets.of(os.urandom(HASH_SIZE)))

    def group_info(self) -> bytes:
        """The `GroupInfo` by which others can join (section 12.4.3)."""
        extensions = [
            Extension(EXTENSION_RATCHET_TREE, self.tree.encode()),
            Extension(EXTENSION_EXTERNAL_PUB, vector(KemKey.derive(self.secrets.external).public)),
        ]
        return GroupInfo(self.context, extensions, self.confirmation_tag, self.index).sealed_by(self.identity.key)

    @staticmethod
    def join(info: GroupInfo, identity: Identity, psk: tuple[bytes, bytes]) -> tuple[Group, bytes]:
        """Joins by an external commit (section 12.4.3.2); gives the new epoch and the commit's message.

        Where a leaf with the own signature key is still in the tree, the commit removes it (resync).
        """
        tree = verified_tree(info)
        public = find_extension(info.extensions, EXTENSION_EXTERNAL_PUB)
        if public is None:
            raise DecodeError("a GroupInfo without external_pub")
        kem_output, init_secret = external_init_send(Reader(public).vector())
        psk_id = PskId(psk[0], os.urandom(HASH_SIZE))
        proposals: list[Proposal] = [ExternalInit(kem_output), psk_id]
        for index, leaf in list(tree.leaves()):
            if leaf.signature_key == identity.key.public:
                tree.remove_leaf(index)
                proposals.append(Remove(index))
        index = tree.add_leaf(identity.leaf(b"", SOURCE_COMMIT))
        interim = interim_hash(info.context.confirmed_transcript_hash, info.confirmation_tag)
        content, group = _make_commit(
            info.context,
            interim,
            tree,
            index,
            identity,
            init_secret,
            proposals,
            [(psk_id, psk[1])],
            WIRE_PUBLIC_MESSAGE,
            b"",
        )
        return group, content.public_message()

    def commit(self, removed: list[int], authenticated_data: bytes = b"") -> tuple[Group, bytes]:
        """A commit that gives this member fresh keys and removes others; the new epoch and the message."""
        tree = self.tree.copy()
        for index in removed:
            tree.remove_leaf(index)
        proposals: list[Proposal] = [Remove(index) for index in removed]
        content, group = _make_commit(
            self.context,
            self.interim_transcript_hash,
            tree,
            self.index,
            self.identity,
            self.secrets.init,
            proposals,
            [],
            WIRE_PRIVATE_MESSAGE,
            authenticated_data,
        )
        return group, self._seal(content)

    def export(self, label: str, context: bytes, length: int) -> bytes:
        """`MLS-Exporter` (section 8.5)."""
        return self.secrets.export(label, context, length)

    def seal(self, data: bytes, authenticated_data: bytes) -> bytes:
        """An application message (section 6.3)."""
        framed = Framed(self.context.group_id, self.epoch, self.index, authenticated_data, CONTENT_APPLICATION, data)
        return self._seal(Authenticated.sign(WIRE_PRIVATE_MESSAGE, framed, self.context, self.identity.key))

    def _seal(self, content: Authenticated) -> bytes:
        """The `PrivateMessage` of content (section 6.3)."""
        framed = content.framed
        ratchet = self.secret_tree.ratchet(self.index, framed.content_type)
        generation = ratchet.generation
        key = ratchet.take()
        guard = os.urandom(REUSE_GUARD_SIZE)
        head = vector(framed.group_id) + uint(framed.epoch, 8) + uint(framed.content_type, 1)
        ciphertext = aead_seal(
            key.key,
            _guarded(key.nonce, guard),
            framed.body() + content.auth_data(),
            head + vector(framed.authenticated_data),
        )
        sender = uint(self.index, 4) + uint(generation, 4) + guard
        hidden = sender_data_key(self.secrets.sender_data, ciphertext)
        sender_data = aead_seal(hidden.key, hidden.nonce, sender, head)
        body = head + vector(framed.authenticated_data) + vector(sender_data) + vector(ciphertext)
        return wrap(WIRE_PRIVATE_MESSAGE, body)

    def _open(self, reader: Reader, content_type: int) -> tuple[Authenticated, Commit | None, Ratchet]:
        """Opens a `PrivateMessage` (section 6.3) and gives the ratchet as it is afterwards.

        The group's own ratchet is left alone until the signature is known to be right: any member can make sender data
        that name another one.
        """
        group_id, epoch, kind = reader.vector(), reader.uint(8), reader.uint(1)
        authenticated_data, sender_data, ciphertext = reader.vector(), reader.vector(), reader.vector()
        reader.finish()
        if (group_id, epoch, kind) != (self.context.group_id, self.epoch, content_type):
            raise DecodeError("a message of another group, epoch or kind")
        head = vector(group_id) + uint(epoch, 8) + uint(kind, 1)
        hidden = sender_data_key(self.secrets.sender_data, ciphertext)
        sender = Reader(aead_open(hidden.key, hidden.nonce, sender_data, head))
        index, generation, guard = sender.uint(4), sender.uint(4), sender.take(REUSE_GUARD_SIZE)
        sender.finish()
        leaf = self.tree.leaf(index)
        if index == self.index:
            raise CryptoError("a message in the own name")
        ratchet = self.secret_tree.ratchet(index, content_type).copy()
        key = ratchet.key_of(generation)
        plaintext = aead_open(key.key, _guarded(key.nonce, guard), ciphertext, head + vector(authenticated_data))
        inner = Reader(plaintext)
        commit, tag = None, b""
        if content_type == CONTENT_COMMIT:
            commit = Commit.read(inner)
            data = inner.since(0)
        else:
            data = inner.vector()
        signature = inner.vector()
        if content_type == CONTENT_COMMIT:
            tag = inner.vector()
        if any(inner.rest()):
            raise DecodeError("a padding that is not zeros")
        framed = Framed(group_id, epoch, index, authenticated_data, content_type, data)
        content = Authenticated(WIRE_PRIVATE_MESSAGE, framed, signature, tag)
        content.verify(self.context, leaf.signature_key)
        return content, commit, ratchet

    def open(self, message: bytes) -> Received:
        """Opens an application message; it opens once."""
        wire_format, reader = unwrap(message)
        if wire_format != WIRE_PRIVATE_MESSAGE:
            raise DecodeError("an application message must be private")
        content, _, ratchet = self._open(reader, CONTENT_APPLICATION)
        framed = content.framed
        if framed.sender is None:
            raise DecodeError("an application message without a sender")
        self.secret_tree.replace(framed.sender, CONTENT_APPLICATION, ratchet)
        return Received(framed.sender, framed.authenticated_data, framed.content)

    def stage(self, message: bytes, psks: Mapping[bytes, bytes]) -> StagedCommit:
        """Checks a commit and gives the epoch that it begins (section 12.4.2); this epoch stays as it is."""
        wire_format, reader = unwrap(message)
        if wire_format == WIRE_PUBLIC_MESSAGE:
            content, commit = read_external_commit(reader)
        elif wire_format == WIRE_PRIVATE_MESSAGE:
            content, private_commit, _ = self._open(reader, CONTENT_COMMIT)
            if private_commit is None:
                raise DecodeError("not a commit")
            commit = private_commit
        else:
            raise DecodeError("a commit must be a public or a private message")
        framed = content.framed
        if framed.group_id != self.context.group_id or framed.epoch != self.epoch:
            raise InvalidCommit("a commit to another group or epoch")
        if commit.path is None:
            raise InvalidCommit("a commit without an update path")
        if framed.sender is None:
            content.verify(self.context, commit.path.leaf.signature_key)
        return self._apply(content, commit.proposals, commit.path, psks)

    def _apply(
        self, content: Authenticated, proposals: list[Proposal], path: Path, psks: Mapping[bytes, bytes]
    ) -> StagedCommit:
        sender = content.framed.sender
        tree = self.tree.copy()
        extensions = self.context.extensions
        removed = [proposal.leaf for proposal in proposals if isinstance(proposal, Remove)]
        inits = [proposal for proposal in proposals if isinstance(proposal, ExternalInit)]
        changes = [proposal for proposal in proposals if isinstance(proposal, NewExtensions)]
        used = [proposal for proposal in proposals if isinstance(proposal, PskId)]
        _check_proposals(sender, removed, inits, changes)
        if self.index in removed and sender is not None:
            raise Removed(removed, content.framed.authenticated_data)
        if sender is None:
            for index in removed:
                if tree.leaf(index).signature_key != path.leaf.signature_key:
                    raise InvalidCommit("a newcomer removes another member")
        for index in removed:
            tree.remove_leaf(index)
        if changes:
            extensions = changes[0].extensions
        committer = tree.add_leaf(path.leaf) if sender is None else sender
        commit_secret, keys, context = self._receive_path(tree, committer, path, extensions)
        init = self.secrets.init
        if inits:
            init = external_init_receive(KemKey.derive(self.secrets.external), inits[0].kem_output)
        try:
            psk = psk_secret([(psk_id, psks[psk_id.psk_id]) for psk_id in used])
        except KeyError as error:
            raise InvalidCommit("a pre-shared key that is not known") from error
        confirmed = confirmed_hash(self.interim_transcript_hash, content.confirmed_input())
        context = replace(context, confirmed_transcript_hash=confirmed)
        secrets = EpochSecrets.next(init, commit_secret, psk, context)
        group = Group._of(context, tree, self.index, self.identity, keys, secrets)
        if not same(group.confirmation_tag, content.confirmation_tag):
            raise InvalidCommit("the confirmation tag is not right")
        psk_ids = [psk_id.psk_id for psk_id in used]
        return StagedCommit(committer, sender is None, removed, content.framed.authenticated_data, psk_ids, group)

    def _receive_path(
        self, tree: Tree, committer: int, path: Path, extensions: list[Extension]
    ) -> tuple[bytes, dict[int, KemKey], GroupContext]:
        """Merges an update path into the tree and opens its secret (sections 7.5 and 12.4.2)."""
        before = tree.leaf(committer)
        if path.leaf is not before and path.leaf.encryption_key == before.encryption_key:
            raise InvalidCommit("an update path that keeps the old key")
        filtered = tree.filtered_path(committer)
        resolutions = [tree.resolution(copath) for _, copath in filtered]
        parent_hash = tree.set_path(committer, [node.encryption_key for node in path.nodes])
        tree.nodes[2 * committer] = path.leaf
        if path.leaf.source != SOURCE_COMMIT or not same(path.leaf.parent_hash, parent_hash):
            raise InvalidCommit("the parent hash of an update path is not right")
        tree.verify(self.context.group_id)
        context = replace(self.context, epoch=self.epoch + 1, tree_hash=tree.hash(), extensions=extensions)

        keys = {
            node: key
            for node, key in self.keys.items()
            if node < len(tree.nodes) and tree.nodes[node] is not None and tree.nodes[node] == self.tree.nodes[node]
        }
        above = tree.direct_path(self.index)
        secret = None
        for (node, _), resolution, path_node in zip(filtered, resolutions, path.nodes):
            if len(path_node.secrets) != len(resolution):
                raise InvalidCommit("an update path with a wrong number of secrets")
            if secret is not None:
                secret = derive_secret(secret, "path")
            elif node in above:
                secret = self._open_path_secret(resolution, path_node, context, keys)
            if secret is not None:
                keys[node] = _node_key(secret)
                if keys[node].public != path_node.encryption_key:
                    raise InvalidCommit("a path secret does not give the key of its node")
        if secret is None:
            raise InvalidCommit("an update path without a secret for this member")
        return derive_secret(secret, "path"), keys, context

    @staticmethod
    def _open_path_secret(
        resolution: list[int], node: PathNode, context: GroupContext, keys: Mapping[int, KemKey]
    ) -> bytes:
        for below, (kem_output, ciphertext) in zip(resolution, node.secrets):
            if below in keys:
                return decrypt_with_label(keys[below], "UpdatePathNode", context.encode(), kem_output, ciphertext)
        raise InvalidCommit("no path secret is for this member")


def verified_tree(info: GroupInfo) -> Tree:
    """The tree of a `GroupInfo`, after all checks that a newcomer makes (section 12.4.3.1)."""
    data = find_extension(info.extensions, EXTENSION_RATCHET_TREE)
    if data is None:
        raise DecodeError("a GroupInfo without its tree")
    tree = Tree.read(data)
    info.verify(tree.leaf(info.signer).signature_key)
    if not same(tree.hash(), info.context.tree_hash):
        raise InvalidTree("the tree hash is not right")
    tree.verify(info.context.group_id)
    return tree


def _check_proposals(
    sender: int | None, removed: list[int], inits: list[ExternalInit], changes: list[NewExtensions]
) -> None:
    """The rules for lists of proposals (section 12.2)."""
    if len(set(removed)) != len(removed) or sender in removed:
        raise InvalidCommit("a leaf is removed twice, or by itself")
    if len(changes) > 1:
        raise InvalidCommit("two changes of the group's extensions")
    if sender is None and (len(inits) != 1 or len(removed) > 1 or changes):
        raise InvalidCommit("a newcomer's commit with wrong proposals")
    if sender is not None and inits:
        raise InvalidCommit("a member's commit with an ExternalInit")


def _make_commit(
    context: GroupContext,
    interim: bytes,
    tree: Tree,
    index: int,
    identity: Identity,
    init_secret: bytes,
    proposals: list[Proposal],
    psks: list[tuple[PskId, bytes]],
    wire_format: int,
    authenticated_data: bytes,
) -> tuple[Authenticated, Group]:
    """Makes a commit (section 12.4.1) on a tree to which its proposals were applied."""
    path = _OwnPath.write(tree, index, identity, context.group_id)
    after = replace(context, epoch=context.epoch + 1, tree_hash=tree.hash())
    commit = Commit(proposals, path.encrypt(tree, index, after))
    sender = index if wire_format == WIRE_PRIVATE_MESSAGE else None
    framed = Framed(context.group_id, context.epoch, sender, authenticated_data, CONTENT_COMMIT, commit.encode())
    content = Authenticated.sign(wire_format, framed, context, identity.key)
    after = replace(after, confirmed_transcript_hash=confirmed_hash(interim, content.confirmed_input()))
    secrets = EpochSecrets.next(init_secret, path.commit_secret, psk_secret(psks), after)
    group = Group._of(after, tree, index, identity, path.keys(index), secrets)
    return replace(content, confirmation_tag=group.confirmation_tag), group


def _guarded(nonce: bytes, guard: bytes) -> bytes:
    """A nonce with its reuse guard (section 6.3.1)."""
    head = bytes(left ^ right for left, right in zip(nonce, guard))
    return head + nonce[REUSE_GUARD_SIZE:]
