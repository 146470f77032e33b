// A response as a client reads it.
#pragma once

#include "../../http/response.hpp"

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sake::testing {

/// A response as a client reads it.
class response {
public:
  response() = default;
  /// The response of an actor.
  explicit response(const http::response& from);

  [[nodiscard]] int status() const noexcept { return status_; }
  /// The value of the first field named `name`, without case; empty if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
  [[nodiscard]] bool has_header(std::string_view name) const noexcept;
  /// The field lines, in order.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& headers() const noexcept {
    return fields_;
  }
  /// The content, without framing.
  [[nodiscard]] const std::string& content() const noexcept { return content_; }
  /// All octets as received; empty for the response of an actor.
  [[nodiscard]] const std::string& raw() const noexcept { return raw_; }

private:
  friend class response_reader;
  [[nodiscard]] const std::string* find(std::string_view name) const noexcept;

  int status_ = 0;
  std::vector<std::pair<std::string, std::string>> fields_;
  std::string content_;
  std::string raw_;
};

/// Prints the status, the fields and the content, which is cut if it is long.
std::ostream& operator<<(std::ostream& out, const response& shown);

/// Parses responses from the octets of a client, in pieces of any size. Reads each octet once.
class response_reader {
public:
  void append(std::string_view octets) { input_ += octets; }

  /// Returns the next complete response; interim ones (RFC 9110 §15.2) are skipped.
  ///
  /// @param to_head  whether it answers HEAD, and so has no content
  /// @throws failure if the octets are no response
  std::optional<response> next(bool to_head = false);

  /// No more octets come: a response without a length is then complete.
  void finish() noexcept { finished_ = true; }

  /// The incomplete response so far, with its complete chunks, but without `raw()`.
  [[nodiscard]] const response& part() const noexcept { return part_; }

private:
  // Each reads the next part of a response; returns false if it needs more octets.
  using step = bool (response_reader::*)();

  bool read_status();
  bool read_field();
  bool read_sized();
  bool read_to_end();
  bool read_chunk();
  bool read_trailer();
  void begin_content();
  response take_whole();

  std::string input_;
  /// The position up to which `input_` was read.
  std::size_t at_ = 0;
  response part_;
  /// Null when the response is complete.
  step next_ = &response_reader::read_status;
  std::size_t content_left_ = 0;
  bool to_head_ = false;
  bool finished_ = false;
};

} // namespace sake::testing
