#include "output.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include <unistd.h>

namespace sake::http {

void output::append(piece added) {
  const std::uint64_t size = size_of(added);
  if (size == 0)
    return;
  pieces_.push_back({octets_.size() - before_pieces_, std::move(added)});
  before_pieces_ = octets_.size();
  piece_octets_ += size;
}

void output::append(output& other) {
  std::string_view own = other.octets_.view();
  for (std::size_t i = other.first_; i < other.pieces_.size(); ++i) {
    auto& [before, what] = other.pieces_[i];
    append(own.substr(0, before));
    own.remove_prefix(before);
    append(std::move(what));
  }
  append(own);
  other.clear();
}

// -- consuming ------------------------------------------------------------------------

void output::consume_pieces(std::uint64_t n) noexcept {
  while (n > 0 && !pieces_.empty())
    n -= consume_first(n);
  octets_.consume(static_cast<std::size_t>(n));
}

// Removes at most `n` octets of the first piece and of its own octets before it. Returns how many.
std::uint64_t output::consume_first(std::uint64_t n) noexcept {
  waiting_piece& next = pieces_[first_];
  const std::size_t own = static_cast<std::size_t>(std::min<std::uint64_t>(n, next.before));
  octets_.consume(own);
  next.before -= own;
  before_pieces_ -= own;
  const std::uint64_t taken = std::min(n - own, size_of(next.what));
  piece_octets_ -= taken;
  if (auto* const kept = std::get_if<kept_octets>(&next.what)) {
    kept->octets.remove_prefix(static_cast<std::size_t>(taken));
  } else {
    auto& part = *std::get_if<file_part>(&next.what);
    part.offset += taken;
    part.length -= taken;
  }
  if (next.before == 0 && size_of(next.what) == 0) {
    next.what = kept_octets{};
    ++first_;
    drop_consumed();
  }
  return own + taken;
}

// In rare moves of few pieces, where the output is never empty.
void output::drop_consumed() noexcept {
  constexpr std::size_t kept_places = 16;
  if (first_ < pieces_.size() && (first_ < kept_places || first_ < pieces_.size() - first_))
    return;
  pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

void output::clear() noexcept {
  octets_.clear();
  pieces_.clear();
  first_ = before_pieces_ = 0;
  piece_octets_ = 0;
}

void output::release() noexcept {
  octets_.release();
  std::vector<waiting_piece>{}.swap(pieces_);
}

// -- the front ------------------------------------------------------------------------

std::size_t output::gather(std::span<std::string_view> into) const noexcept {
  std::string_view own = octets_.view();
  std::size_t count = 0;
  const auto add = [&](std::string_view octets) {
    if (!octets.empty() && count < into.size())
      into[count++] = octets;
  };
  for (std::size_t i = first_; i < pieces_.size(); ++i) {
    add(own.substr(0, pieces_[i].before));
    own.remove_prefix(pieces_[i].before);
    const auto* const kept = std::get_if<kept_octets>(&pieces_[i].what);
    if (kept == nullptr)
      return count;
    add(kept->octets);
  }
  add(own);
  return count;
}

const file_part* output::next_file() const noexcept {
  for (std::size_t i = first_; i < pieces_.size(); ++i)
    if (const auto* const part = std::get_if<file_part>(&pieces_[i].what))
      return part;
  return nullptr;
}

std::size_t output::copy(char* to, std::size_t size) const noexcept {
  std::string_view own = octets_.view();
  std::size_t copied = 0;
  const auto add = [&](std::string_view octets) {
    const std::size_t n = std::min(octets.size(), size - copied);
    if (n != 0)
      std::memcpy(to + copied, octets.data(), n);
    copied += n;
  };
  for (std::size_t i = first_; i < pieces_.size() && copied < size; ++i) {
    const auto& [before, what] = pieces_[i];
    add(own.substr(0, before));
    own.remove_prefix(before);
    if (const auto* const kept = std::get_if<kept_octets>(&what)) {
      add(kept->octets);
    } else if (copied < size) {
      const auto& part = *std::get_if<file_part>(&what);
      const std::uint64_t wanted = std::min<std::uint64_t>(part.length, size - copied);
      const ssize_t n = ::pread(part.from->descriptor(), to + copied,
                                static_cast<std::size_t>(wanted), static_cast<off_t>(part.offset));
      if (n <= 0)
        return copied;
      copied += static_cast<std::size_t>(n);
      if (static_cast<std::uint64_t>(n) < part.length)
        return copied;
    }
  }
  add(own);
  return copied;
}

} // namespace sake::http
