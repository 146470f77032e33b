// A radix tree over the shapes of path patterns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace sake::routing {

/// Finds the shapes (path_pattern::shape) that match a path. Immutable: safe from any thread.
///
/// A parameter takes exactly one segment and a literal exactly its own octets, so only one way
/// through the tree leads to a given node, and it arrives there at one place in the path. A search
/// therefore visits a node at most once however it backtracks, and costs O(octets in the path ×
/// shapes that agree with the path so far). A shape without parameters is found by hash before the
/// tree is searched, at a cost that does not grow with the shapes.
class radix_tree {
public:
  /// The position of a shape in the list that the tree was built from.
  using leaf = std::uint32_t;

  static constexpr leaf no_leaf = std::numeric_limits<leaf>::max();

  /// Builds the tree.
  ///
  /// @param shapes  in ascending order, none twice; copied
  explicit radix_tree(const std::vector<std::string>& shapes);

  /// The leaf of the shape equal to `path`, which is the most specific possible, or `no_leaf`.
  [[nodiscard]] leaf literal(std::string_view path) const noexcept {
    if ((literal_sizes_ >> (path.size() & 63) & 1) == 0)
      return no_leaf;
    for (std::size_t i = hash(path) >> literal_shift_;; ++i) {
      const literal_slot& slot = literals_[i & (literals_.size() - 1)];
      if (slot.found == no_leaf)
        return no_leaf;
      if (slot.size == path.size() && equal(path.data(), texts_.data() + slot.text, slot.size))
        return slot.found;
    }
  }

  /// Calls `visit(leaf)` for the shapes that match `path`, the most specific first, until it
  /// returns true. In the first segment where two shapes differ, a literal is more specific than a
  /// parameter, and a parameter than a wildcard. Allocates nothing.
  ///
  /// @returns whether `visit` returned true
  template <class Visitor>
  bool search(std::string_view path, Visitor visit) const {
    return descend(nodes_.data(), path.data(), path.data() + path.size(), visit);
  }

private:
  // The octets of a node, and its successors: a leaf if the path ends there, a parameter or a
  // wildcard if a segment starts there, and children by their first octet. Node 0 is the root and
  // never a child, so 0 stands for 'none'.
  struct alignas(32) node {
    std::uint32_t text = 0;
    std::uint32_t text_size = 0;
    leaf end = no_leaf;
    leaf wildcard = no_leaf;
    std::uint32_t parameter = 0;
    // children_[children + octet - first_octet], for child_span octets.
    std::uint32_t children = 0;
    std::uint16_t child_span = 0;
    std::uint8_t first_octet = 0;
    // Whether there is a parameter or a wildcard beside the children.
    bool is_fork = false;
  };

  // A place in the hash table of the shapes without parameters.
  struct literal_slot {
    std::uint32_t text = 0;
    std::uint32_t size = 0;
    leaf found = no_leaf;
  };

  // Consecutive shapes that agree in their first `depth` octets.
  struct run {
    const std::vector<std::string>& shapes;
    leaf first;
    leaf last;
    std::size_t depth;
  };

  std::uint32_t grow(run agreeing);
  void grow_below(node& parent, run agreeing);
  void index_literals(const std::vector<std::string>& shapes);

  template <class Word>
  static Word load(const char* from) noexcept {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
  }

  // Compares the first and the last octets, which may overlap and together cover the text.
  template <class Word>
  static bool same_ends(const char* a, const char* b, std::size_t size) noexcept {
    const std::size_t last = size - sizeof(Word);
    return ((load<Word>(a) ^ load<Word>(b)) | (load<Word>(a + last) ^ load<Word>(b + last))) == 0;
  }

  // `size` is at least 1. Most texts are too short for a call of memcmp to pay.
  static bool equal(const char* a, const char* b, std::size_t size) noexcept {
    if (size < 2)
      return *a == *b;
    if (size < 4)
      return same_ends<std::uint16_t>(a, b, size);
    if (size < 8)
      return same_ends<std::uint32_t>(a, b, size);
    if (size <= 16)
      return same_ends<std::uint64_t>(a, b, size);
    return std::memcmp(a, b, size) == 0;
  }

  // Multiplicative: the upper bits depend on every octet.
  static std::uint64_t hash(std::string_view text) noexcept {
    constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;
    const char* at = text.data();
    std::size_t left = text.size();
    std::uint64_t mixed = left;
    for (; left > 8; at += 8, left -= 8) {
      mixed = (mixed ^ load<std::uint64_t>(at)) * odd;
      mixed ^= mixed >> 32;
    }
    if (text.size() >= 8)
      return (mixed ^ load<std::uint64_t>(at + left - 8)) * odd;
    if (left >= 4)
      return (mixed ^ load<std::uint32_t>(at)
              ^ std::uint64_t{load<std::uint32_t>(at + left - 4)} << 32)
             * odd;
    for (; left != 0; ++at, --left)
      mixed = mixed << 8 ^ static_cast<unsigned char>(*at);
    return mixed * odd;
  }

  [[nodiscard]] const node* child(const node& parent, char octet) const noexcept {
    const unsigned i = static_cast<unsigned char>(octet) - unsigned{parent.first_octet};
    if (i >= parent.child_span)
      return nullptr;
    const std::uint32_t found = children_[parent.children + i];
    return found != 0 ? &nodes_[found] : nullptr;
  }

  static const char* segment_end(const char* at, const char* end) noexcept {
    const void* slash = std::memchr(at, '/', static_cast<std::size_t>(end - at));
    return slash != nullptr ? static_cast<const char*>(slash) : end;
  }

  // Recurses only at a fork, so never deeper than a pattern has segments.
  template <class Visitor>
  bool descend(const node* here, const char* at, const char* end, Visitor& visit) const {
    for (;;) {
      if (here->text_size != 0) {
        if (static_cast<std::size_t>(end - at) < here->text_size
            || !equal(at, texts_.data() + here->text, here->text_size))
          return false;
        at += here->text_size;
      }
      if (at == end)
        return here->end != no_leaf && visit(here->end);
      if (const node* literal = child(*here, *at); literal != nullptr) {
        if (!here->is_fork) {
          here = literal;
          ++at;
          continue;
        }
        if (descend(literal, at + 1, end, visit))
          return true;
      }
      if (here->parameter != 0) {
        const char* stop = segment_end(at, end);
        const node* parameter = &nodes_[here->parameter];
        if (stop != at && here->wildcard == no_leaf) {
          here = parameter;
          at = stop;
          continue;
        }
        if (stop != at && descend(parameter, stop, end, visit))
          return true;
      }
      return here->wildcard != no_leaf && visit(here->wildcard);
    }
  }

  std::vector<node> nodes_;
  std::vector<std::uint32_t> children_;
  // The octets of every node. Those of a child omit the first one, which the look-up has compared.
  std::string texts_;
  // By hash, open addressing; a power of two of slots, at least half of them free.
  std::vector<literal_slot> literals_;
  int literal_shift_ = 0;
  // A bit for each size, modulo 64, that some shape without parameters has.
  std::uint64_t literal_sizes_ = 0;
};

} // namespace sake::routing
