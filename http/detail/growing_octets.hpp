// Octets of content that arrive one after the other.
#pragma once

#include "spare_octets.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sake::http::detail {

/// Octets of content that arrive one after the other, at the end of a string. They may be written
/// where they stay. Memory that octets have not reached is not touched, so that a peer that
/// announces much and sends little occupies little. Not thread-safe.
class growing_octets {
public:
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Reserves memory for `total` octets, or for the first of them if they are very many.
  void expect(std::size_t total) {
    if (std::min(total, first_memory) <= memory_.capacity())
      return;
    auto larger = spare_octets::take(total);
    larger.reserve(std::min(total, first_memory));
    if (larger.size() < size_)
      larger.assign(memory_, 0, size_);
    else
      memory_.copy(larger.data(), size_);
    memory_ = std::move(larger);
  }

  /// Returns memory behind the octets, at least one and at most `wanted` octets long; `commit`
  /// makes a part of it octets.
  [[nodiscard]] std::span<char> room(std::size_t wanted) {
    const std::size_t all = size_ + wanted;
    if (all > memory_.size())
      touch(all);
    return {memory_.data() + size_, std::min(wanted, memory_.size() - size_)};
  }
  void commit(std::size_t n) noexcept { size_ += n; }

  void append(std::string_view octets) {
    if (memory_.size() - size_ >= octets.size()) {
      octets.copy(memory_.data() + size_, octets.size());
    } else {
      memory_.resize(size_);
      memory_.append(octets);
    }
    size_ += octets.size();
  }

  /// Removes at most `most` octets at the front.
  [[nodiscard]] std::string take(std::size_t most) {
    if (size_ <= most) {
      memory_.resize(size_);
      size_ = 0;
      return std::exchange(memory_, {});
    }
    std::string taken{memory_, 0, most};
    memory_.erase(0, most);
    size_ -= most;
    return taken;
  }

  void clear() noexcept { size_ = 0; }

private:
  // Makes more of `all` octets usable.
  void touch(std::size_t all) {
    if (all > memory_.capacity())
      memory_.reserve(std::min(all, std::max(first_memory, 2 * memory_.capacity())));
    // A little more at once, in place of one further read.
    const bool is_nearly_all = all - memory_.size() <= little;
    const std::size_t next = size_ + std::max(spare_octets::least, size_);
    if (is_nearly_all || next > memory_.size())
      memory_.resize(is_nearly_all ? all : std::min(all, next));
  }

  /// With room for a few octets behind the content.
  static constexpr std::size_t little = 4096;
  static constexpr std::size_t first_memory = 1024 * 1024 + little;

  std::string memory_;
  /// Those of `memory_` that have arrived; the others are anything.
  std::size_t size_ = 0;
};

} // namespace sake::http::detail
