#include "radix_tree.hpp"
#include "path_pattern.hpp"

#include <algorithm>
#include <bit>

namespace sake::routing {

namespace {

bool is_mark(char octet) noexcept {
  return octet == path_pattern::parameter_mark || octet == path_pattern::wildcard_mark;
}

std::uint8_t octet_at(const std::string& shape, std::size_t i) noexcept {
  return static_cast<std::uint8_t>(shape[i]);
}

// In a sorted row, all shapes share the literal octets that the first and the last share.
std::size_t common_literal(const std::string& first, const std::string& last, std::size_t depth) {
  std::size_t i = depth;
  while (i < first.size() && i < last.size() && first[i] == last[i] && !is_mark(first[i]))
    ++i;
  return i - depth;
}

} // namespace

radix_tree::radix_tree(const std::vector<std::string>& shapes) {
  if (shapes.empty())
    nodes_.emplace_back();
  else
    grow({shapes, 0, static_cast<leaf>(shapes.size()), 0});
  index_literals(shapes);
}

void radix_tree::index_literals(const std::vector<std::string>& shapes) {
  literals_.resize(std::bit_ceil(2 * shapes.size() + 2));
  literal_shift_ = 64 - std::countr_zero(literals_.size());
  for (leaf i = 0; i < shapes.size(); ++i) {
    const std::string& shape = shapes[i];
    if (std::any_of(shape.begin(), shape.end(), is_mark))
      continue;
    std::size_t slot = hash(shape) >> literal_shift_;
    while (literals_[slot & (literals_.size() - 1)].found != no_leaf)
      ++slot;
    literals_[slot & (literals_.size() - 1)] = {static_cast<std::uint32_t>(texts_.size()),
                                                static_cast<std::uint32_t>(shape.size()), i};
    texts_ += shape;
    literal_sizes_ |= std::uint64_t{1} << (shape.size() & 63);
  }
}

// Makes the node of the literal octets that the whole row shares, and all nodes below it.
std::uint32_t radix_tree::grow(run agreeing) {
  const auto position = static_cast<std::uint32_t>(nodes_.size());
  nodes_.emplace_back();
  const std::string& first = agreeing.shapes[agreeing.first];
  const std::string& last = agreeing.shapes[agreeing.last - 1];
  const std::size_t shared = common_literal(first, last, agreeing.depth);
  node made;
  made.text = static_cast<std::uint32_t>(texts_.size());
  made.text_size = static_cast<std::uint32_t>(shared);
  texts_.append(first, agreeing.depth, shared);
  agreeing.depth += shared;
  if (first.size() == agreeing.depth)
    made.end = agreeing.first++;
  if (agreeing.first != agreeing.last)
    grow_below(made, agreeing);
  made.is_fork = made.parameter != 0 || made.wildcard != no_leaf;
  nodes_[position] = made;
  return position;
}

// Splits the row by the next octet. Marks sort before every octet that a literal can hold.
void radix_tree::grow_below(node& parent, run agreeing) {
  const auto& [shapes, first, last, depth] = agreeing;
  for (leaf next = first; next != last;) {
    const std::uint8_t octet = octet_at(shapes[next], depth);
    const leaf start = next;
    while (next != last && octet_at(shapes[next], depth) == octet)
      ++next;
    if (octet == path_pattern::wildcard_mark) {
      parent.wildcard = start;
    } else if (octet == path_pattern::parameter_mark) {
      parent.parameter = grow({shapes, start, next, depth + 1});
    } else {
      if (parent.child_span == 0) {
        parent.first_octet = octet;
        parent.child_span =
            static_cast<std::uint16_t>(octet_at(shapes[last - 1], depth) - octet + 1);
        parent.children = static_cast<std::uint32_t>(children_.size());
        children_.resize(children_.size() + parent.child_span);
      }
      const std::uint32_t grown = grow({shapes, start, next, depth + 1});
      children_[parent.children + octet - parent.first_octet] = grown;
    }
  }
}

} // namespace sake::routing
