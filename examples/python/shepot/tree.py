"""Leaves, parents and the ratchet tree of MLS (RFC 9420, sections 4, 7 and appendix C)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .codec import DecodeError, Reader, optional, uint, vector
from .crypto import CIPHER_SUITE, SigningKey, same, sha256, verify_with_label

MLS_VERSION = 1
CREDENTIAL_BASIC = 1
NODE_LEAF = 1
NODE_PARENT = 2
SOURCE_KEY_PACKAGE = 1
SOURCE_UPDATE = 2
SOURCE_COMMIT = 3


class InvalidTree(ValueError):
    """The tree, or a node of it, breaks a rule of RFC 9420."""


@dataclass(frozen=True)
class Extension:
    """An extension of a leaf, a group or a GroupInfo (RFC 9420, section 13)."""

    kind: int
    data: bytes

    def encode(self) -> bytes:
        """Its bytes."""
        return uint(self.kind, 2) + vector(self.data)

    @staticmethod
    def read(reader: Reader) -> Extension:
        """Reads one."""
        return Extension(reader.uint(2), reader.vector())


def encode_extensions(extensions: list[Extension]) -> bytes:
    """`Extension extensions<V>`."""
    return vector(b"".join(extension.encode() for extension in extensions))


def find_extension(extensions: list[Extension], kind: int) -> bytes | None:
    """The data of the extension of this kind; raises when there are two of a kind."""
    kinds = [extension.kind for extension in extensions]
    if len(set(kinds)) != len(kinds):
        raise DecodeError("two extensions of one kind")
    return next((extension.data for extension in extensions if extension.kind == kind), None)


def read_uint16(reader: Reader) -> int:
    """A number of 16 bits."""
    return reader.uint(2)


def read_uint32(reader: Reader) -> int:
    """A number of 32 bits."""
    return reader.uint(4)


def _numbers(values: tuple[int, ...]) -> bytes:
    return vector(b"".join(uint(value, 2) for value in values))


@dataclass(frozen=True)
class Capabilities:
    """What a member's client can do (RFC 9420, section 7.2)."""

    versions: tuple[int, ...] = (MLS_VERSION,)
    suites: tuple[int, ...] = (CIPHER_SUITE,)
    extensions: tuple[int, ...] = ()
    proposals: tuple[int, ...] = ()
    credentials: tuple[int, ...] = (CREDENTIAL_BASIC,)

    def encode(self) -> bytes:
        """Its bytes."""
        lists = (self.versions, self.suites, self.extensions, self.proposals, self.credentials)
        return b"".join(_numbers(values) for values in lists)

    @staticmethod
    def read(reader: Reader) -> Capabilities:
        """Reads one."""
        return Capabilities(*(tuple(reader.items(read_uint16)) for _ in range(5)))


@dataclass(frozen=True)
class Leaf:
    """A `LeafNode` (RFC 9420, section 7.2) with a basic credential."""

    encryption_key: bytes
    signature_key: bytes
    identity: bytes
    capabilities: Capabilities
    source: int
    # The lifetime (two numbers of 64 bits) or the parent hash, as the source says.
    lifetime: bytes
    parent_hash: bytes
    extensions: list[Extension]
    signature: bytes = b""

    def _content(self) -> bytes:
        content = vector(self.encryption_key) + vector(self.signature_key)
        content += uint(CREDENTIAL_BASIC, 2) + vector(self.identity)
        content += self.capabilities.encode() + uint(self.source, 1)
        if self.source == SOURCE_KEY_PACKAGE:
            content += self.lifetime
        elif self.source == SOURCE_COMMIT:
            content += vector(self.parent_hash)
        return content + encode_extensions(self.extensions)

    def encode(self) -> bytes:
        """Its bytes."""
        return self._content() + vector(self.signature)

    @staticmethod
    def read(reader: Reader) -> Leaf:
        """Reads one."""
        encryption_key, signature_key = reader.vector(), reader.vector()
        if reader.uint(2) != CREDENTIAL_BASIC:
            raise DecodeError("a credential that is not basic")
        identity = reader.vector()
        capabilities = Capabilities.read(reader)
        source = reader.uint(1)
        if source not in (SOURCE_KEY_PACKAGE, SOURCE_UPDATE, SOURCE_COMMIT):
            raise DecodeError("a leaf of an unknown source")
        lifetime = reader.take(16) if source == SOURCE_KEY_PACKAGE else b""
        parent_hash = reader.vector() if source == SOURCE_COMMIT else b""
        extensions = reader.items(Extension.read)
        return Leaf(
            encryption_key,
            signature_key,
            identity,
            capabilities,
            source,
            lifetime,
            parent_hash,
            extensions,
            reader.vector(),
        )

    def _to_be_signed(self, group_id: bytes, index: int) -> bytes:
        if self.source == SOURCE_KEY_PACKAGE:
            return self._content()
        return self._content() + vector(group_id) + uint(index, 4)

    def signed(self, key: SigningKey, group_id: bytes, index: int) -> Leaf:
        """The same leaf with its signature (label `LeafNodeTBS`)."""
        signature = key.sign_with_label("LeafNodeTBS", self._to_be_signed(group_id, index))
        return replace(self, signature=signature)

    def verify(self, group_id: bytes, index: int) -> None:
        """Raises unless the signature is right and the leaf can do what its group needs (section 7.3)."""
        verify_with_label(self.signature_key, "LeafNodeTBS", self._to_be_signed(group_id, index), self.signature)
        if MLS_VERSION not in self.capabilities.versions or CIPHER_SUITE not in self.capabilities.suites:
            raise InvalidTree("a leaf that does not support the version or the suite")
        if CREDENTIAL_BASIC not in self.capabilities.credentials:
            raise InvalidTree("a leaf that does not support its own credential")
        default_extensions = range(1, 6)
        for extension in self.extensions:
            if extension.kind not in default_extensions and extension.kind not in self.capabilities.extensions:
                raise InvalidTree("a leaf with an extension that it does not support")


@dataclass(frozen=True)
class Parent:
    """A `ParentNode` (RFC 9420, section 7.1)."""

    encryption_key: bytes
    parent_hash: bytes
    unmerged: tuple[int, ...] = ()

    def encode(self) -> bytes:
        """Its bytes."""
        unmerged = b"".join(uint(leaf, 4) for leaf in self.unmerged)
        return vector(self.encryption_key) + vector(self.parent_hash) + vector(unmerged)

    @staticmethod
    def read(reader: Reader) -> Parent:
        """Reads one."""
        encryption_key, parent_hash = reader.vector(), reader.vector()
        unmerged = reader.items(read_uint32)
        if unmerged != sorted(set(unmerged)):
            raise DecodeError("unmerged leaves that are not in order")
        return Parent(encryption_key, parent_hash, tuple(unmerged))


Node = Leaf | Parent


def _read_node(reader: Reader) -> Node:
    kind = reader.uint(1)
    if kind == NODE_LEAF:
        return Leaf.read(reader)
    if kind == NODE_PARENT:
        return Parent.read(reader)
    raise DecodeError("a node of an unknown type")


def level(node: int) -> int:
    """How far a node stands above the leaves (appendix C)."""
    return ((node + 1) & -(node + 1)).bit_length() - 1


def left(node: int) -> int:
    """The left child."""
    return node ^ (1 << (level(node) - 1))


def right(node: int) -> int:
    """The right child."""
    return node ^ (3 << (level(node) - 1))


@dataclass
class Tree:
    """A ratchet tree as an array whose size is a power of two less one (RFC 9420, appendix C)."""

    nodes: list[Node | None] = field(default_factory=lambda: [None])

    @staticmethod
    def read(data: bytes) -> Tree:
        """Reads the extension `ratchet_tree` (section 12.4.3.3)."""
        reader = Reader(data)
        nodes = reader.items(lambda inner: inner.optional(_read_node))
        reader.finish()
        if not nodes or nodes[-1] is None:
            raise DecodeError("a tree that ends with a blank node")
        for index, node in enumerate(nodes):
            if node is not None and isinstance(node, Leaf) != (index % 2 == 0):
                raise DecodeError("a node of the wrong type")
        while len(nodes) & len(nodes) + 1:
            nodes.append(None)
        return Tree(nodes)

    def encode(self) -> bytes:
        """The extension `ratchet_tree`."""
        end = max(index for index, node in enumerate(self.nodes) if node is not None) + 1
        return vector(b"".join(optional(_typed(node)) for node in self.nodes[:end]))

    def copy(self) -> Tree:
        """A tree that can be changed by itself; nodes themselves never change."""
        return Tree(list(self.nodes))

    @property
    def root(self) -> int:
        """The root's index."""
        return len(self.nodes) // 2

    @property
    def width(self) -> int:
        """How many leaves fit."""
        return len(self.nodes) // 2 + 1

    def parent(self, node: int) -> int:
        """The parent's index."""
        height = level(node)
        return (node | 1 << height) & ~(1 << (height + 1))

    def sibling(self, node: int) -> int:
        """The other child of the parent."""
        parent = self.parent(node)
        return right(parent) if node < parent else left(parent)

    def leaf(self, index: int) -> Leaf:
        """The leaf at a place that must not be blank."""
        node = self.nodes[2 * index] if 0 <= index < self.width else None
        if not isinstance(node, Leaf):
            raise InvalidTree("there is no such leaf")
        return node

    def leaves(self) -> Iterator[tuple[int, Leaf]]:
        """All leaves with their places."""
        for index, node in enumerate(self.nodes):
            if isinstance(node, Leaf):
                yield index // 2, node

    def direct_path(self, leaf: int) -> list[int]:
        """The ancestors of a leaf, from below."""
        path, node = [], 2 * leaf
        while node != self.root:
            node = self.parent(node)
            path.append(node)
        return path

    def filtered_path(self, leaf: int) -> list[tuple[int, int]]:
        """The filtered direct path (section 4.1.2), each node with its child on the copath."""
        filtered, below = [], 2 * leaf
        for node in self.direct_path(leaf):
            copath = self.sibling(below)
            if self.resolution(copath):
                filtered.append((node, copath))
            below = node
        return filtered

    def resolution(self, index: int) -> list[int]:
        """The nodes that together reach all leaves below a node (section 4.1.1)."""
        node = self.nodes[index]
        if isinstance(node, Parent):
            return [index] + [2 * leaf for leaf in node.unmerged]
        if node is not None:
            return [index]
        if index % 2 == 0:
            return []
        return self.resolution(left(index)) + self.resolution(right(index))

    def add_leaf(self, leaf: Leaf) -> int:
        """Puts a leaf at the leftmost free place, and makes the tree larger when there is none (section 7.7).

        The unmerged leaves above are left alone: who is added here sets its whole path in the same commit.
        """
        for index in range(self.width):
            if self.nodes[2 * index] is None:
                break
        else:
            index = self.width
            self.nodes += [None] * (len(self.nodes) + 1)
        self.nodes[2 * index] = leaf
        return index

    def remove_leaf(self, index: int) -> None:
        """Blanks a leaf and its ancestors, and makes the tree smaller where it can be (section 12.1.3)."""
        self.leaf(index)
        self.nodes[2 * index] = None
        for node in self.direct_path(index):
            self.nodes[node] = None
        while len(self.nodes) > 1 and all(node is None for node in self.nodes[self.root + 1 :]):
            self.nodes = self.nodes[: self.root]

    def hash(self, index: int | None = None, without: frozenset[int] = frozenset()) -> bytes:
        """The tree hash of a node (section 7.8), as if the leaves `without` had never been there."""
        index = self.root if index is None else index
        node = self.nodes[index]
        if index % 2 == 0:
            present = isinstance(node, Leaf) and index // 2 not in without
            encoded = node.encode() if present and node is not None else None
            return sha256(uint(NODE_LEAF, 1), uint(index // 2, 4), optional(encoded))
        if isinstance(node, Parent) and without:
            node = replace(node, unmerged=tuple(leaf for leaf in node.unmerged if leaf not in without))
        return sha256(
            uint(NODE_PARENT, 1),
            optional(None if node is None else node.encode()),
            vector(self.hash(left(index), without)),
            vector(self.hash(right(index), without)),
        )

    def parent_hash_of(self, index: int, copath: int) -> bytes:
        """The parent hash that a descendant of the parent `index` carries; `copath` is its other child (section 7.9)."""
        parent = self.nodes[index]
        if not isinstance(parent, Parent):
            raise InvalidTree("a parent hash of a blank node")
        sibling_hash = self.hash(copath, frozenset(parent.unmerged))
        return sha256(vector(parent.encryption_key), vector(parent.parent_hash), vector(sibling_hash))

    def set_path(self, leaf: int, keys: list[bytes]) -> bytes:
        """Writes the encryption keys of an update path into the tree; gives the leaf's parent hash (section 7.9)."""
        filtered = self.filtered_path(leaf)
        if len(filtered) != len(keys):
            raise InvalidTree("an update path of a wrong length")
        for node in self.direct_path(leaf):
            self.nodes[node] = None
        parent_hash = b""
        for (node, copath), key in reversed(list(zip(filtered, keys))):
            self.nodes[node] = Parent(key, parent_hash)
            parent_hash = self.parent_hash_of(node, copath)
        return parent_hash

    def verify(self, group_id: bytes) -> None:
        """Raises unless the tree is one that a group can have (section 12.4.3.1)."""
        encryption_keys = [node.encryption_key for node in self.nodes if node is not None]
        signature_keys = [leaf.signature_key for _, leaf in self.leaves()]
        if len(set(encryption_keys)) != len(encryption_keys) or len(set(signature_keys)) != len(signature_keys):
            raise InvalidTree("a key stands in the tree twice")
        for index, leaf in self.leaves():
            leaf.verify(group_id, index)
        for index, node in enumerate(self.nodes):
            if isinstance(node, Parent):
                self._verify_unmerged(index, node)
                self._verify_parent_hash(index)

    def _verify_unmerged(self, index: int, parent: Parent) -> None:
        for leaf in parent.unmerged:
            self.leaf(leaf)
            path = self.direct_path(leaf)
            if index not in path:
                raise InvalidTree("an unmerged leaf that is no descendant")
            for between in path[: path.index(index)]:
                node = self.nodes[between]
                if isinstance(node, Parent) and leaf not in node.unmerged:
                    raise InvalidTree("an unmerged leaf that is merged below")

    def _verify_parent_hash(self, index: int) -> None:
        """One child must lead to a node that names the parent, and to nothing else but leaves added later (7.9.2)."""
        parent = self.nodes[index]
        unmerged = {2 * leaf for leaf in parent.unmerged} if isinstance(parent, Parent) else set()
        for child, copath in ((left(index), right(index)), (right(index), left(index))):
            merged = [self.nodes[below] for below in self.resolution(child) if below not in unmerged]
            named = merged[0].parent_hash if len(merged) == 1 and merged[0] is not None else b""
            if same(named, self.parent_hash_of(index, copath)):
                return
        raise InvalidTree("a parent hash is not right")


def _typed(node: Node | None) -> bytes | None:
    if node is None:
        return None
    return uint(NODE_LEAF if isinstance(node, Leaf) else NODE_PARENT, 1) + node.encode()
