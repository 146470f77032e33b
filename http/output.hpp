// Octets on their way to a peer.
#pragma once

#include "buffer.hpp"
#include "piece.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sake::http {

/// Octets on their way to a peer, as a list of pieces: octets of its own, octets that somebody else
/// keeps, and parts of files. Filled at the end and consumed at the front. Not thread-safe.
///
/// Neighbouring octets of its own are one run; without other pieces, an output is a `buffer`.
class output {
public:
  [[nodiscard]] bool empty() const noexcept { return octets_.empty() && is_one_run(); }
  [[nodiscard]] std::uint64_t size() const noexcept { return octets_.size() + piece_octets_; }

  /// Returns the octets of its own: whatever is appended there comes last in the output. Nothing
  /// else may be done with it.
  [[nodiscard]] buffer& octets() noexcept { return octets_; }

  void append(std::string_view octets) { octets_.append(octets); }
  /// Appends without a copy. An empty piece is ignored.
  void append(piece added);
  /// Appends all of `other`, and empties it. Copies the octets that `other` owns.
  void append(output& other);

  /// Removes `n` octets at the front. There must be as many.
  void consume(std::uint64_t n) noexcept {
    if (is_one_run())
      octets_.consume(static_cast<std::size_t>(n));
    else
      consume_pieces(n);
  }
  void clear() noexcept;

  // -- the front, for those who send it ---------------------------------------------

  /// Whether all octets are its own, so that `run` returns them all.
  [[nodiscard]] bool is_one_run() const noexcept { return piece_octets_ == 0; }
  /// Returns its own octets at the front.
  [[nodiscard]] std::string_view run() const noexcept {
    return is_one_run() ? octets_.view() : octets_.view().substr(0, pieces_[first_].before);
  }
  /// Fills `into` with views of the octets in memory at the front, up to the first part of a file.
  /// @returns the number of views
  [[nodiscard]] std::size_t gather(std::span<std::string_view> into) const noexcept;
  /// Returns the part of a file that follows the octets in memory at the front; null if none does.
  [[nodiscard]] const file_part* next_file() const noexcept;
  /// Copies at most `size` octets from the front, and reads files for it.
  /// @returns the number of octets; 0 if a file cannot be read, or is shorter than its part
  [[nodiscard]] std::size_t copy(char* to, std::size_t size) const noexcept;

  /// Octets of memory that the output holds for octets of its own.
  [[nodiscard]] std::size_t capacity() const noexcept { return octets_.capacity(); }
  /// Frees the memory. Must be empty.
  void release() noexcept;

private:
  struct waiting_piece {
    /// Own octets that come between the piece before and this one.
    std::size_t before;
    piece what;
  };

  void consume_pieces(std::uint64_t n) noexcept;
  std::uint64_t consume_first(std::uint64_t n) noexcept;
  void drop_consumed() noexcept;

  buffer octets_;
  /// Those from `first_` on are still to be sent.
  std::vector<waiting_piece> pieces_;
  std::size_t first_ = 0;
  /// Own octets that come before the last piece.
  std::size_t before_pieces_ = 0;
  /// Octets of the pieces.
  std::uint64_t piece_octets_ = 0;
};

} // namespace sake::http
