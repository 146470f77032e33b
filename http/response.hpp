// One response, as a value that can be sent between actors.
#pragma once

#include "detail/handle.hpp"
#include "fields.hpp"
#include "piece.hpp"
#include "refusal.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sake::http {

namespace detail {

struct response_data : pooled<response_data> {
  response_data() noexcept;
  ~response_data();

  int status = 200;
  /// Field lines as they go out: "Name: value\r\n" each.
  std::string fields;
  std::string content;
  /// The content in place of `content`, if it goes out without a copy.
  std::unique_ptr<const piece> uncopied;
  bool closes = false;
  bool has_date = false;
  bool has_server = false;

  /// Empties the content, and returns the text to write it to.
  std::string& new_content() noexcept;
  /// Empties the object for its next use. Returns false if it grew too large to be kept.
  bool recycle() noexcept;
};

} // namespace detail

/// The Content-Type lines that Sake itself sets.
namespace content_types {
inline constexpr std::string_view text = "Content-Type: text/plain; charset=utf-8\r\n";
inline constexpr std::string_view html = "Content-Type: text/html; charset=utf-8\r\n";
inline constexpr std::string_view json = "Content-Type: application/json\r\n";
} // namespace content_types

/// One response, complete with its content. A handle: copies share the same octets until one is
/// changed, which first gets its own copy. The framing fields (Content-Length, Transfer-Encoding)
/// and Date are not set here: the connection adds them.
class response {
public:
  /// 200, no fields, no content.
  response() : data_(detail::handle<detail::response_data>::make()) {}
  /// No response at all: only to be assigned to.
  explicit response(std::nullptr_t) noexcept {}

  /// Whether this is a response, and not the result of a move.
  explicit operator bool() const noexcept { return static_cast<bool>(data_); }

  explicit response(int status) : response() { this->status(status); }

  /// `content` with `Content-Type: text/plain; charset=utf-8`.
  static response text(int status, std::string_view content);
  /// `content`, which is JSON text already, with `Content-Type: application/json`.
  static response json(int status, std::string_view content);
  static response html(int status, std::string_view content);

  [[nodiscard]] int status() const noexcept { return data_->status; }
  /// @throws std::invalid_argument unless 200 <= status <= 599: a final response (RFC 9110 §15)
  response& status(int status);

  /// Returns the content; empty if it is a part of a file.
  [[nodiscard]] std::string_view content() const noexcept;
  /// Octets of the content, be it a part of a file.
  [[nodiscard]] std::uint64_t content_length() const noexcept;
  // Texts that are given may be views of this response.

  /// Replaces the content.
  response& content(std::string_view octets);
  response& content(std::string&& octets);
  response& content(const char* text) { return content(std::string_view{text}); }
  /// Replaces the content by octets that go out without a copy: those that somebody else keeps, or
  /// a part of a file. If the file turns out to be shorter, the connection ends early.
  /// @throws std::invalid_argument for a part of no file, or behind the largest offset
  response& content(piece uncopied);

  /// Sets the field `name` to `value`, in place of every line of that name. `close` in Connection
  /// ends the connection after this response; `keep-alive` there is left out, because the
  /// connection itself says whether it persists.
  ///
  /// @throws std::invalid_argument if the name is no token, if the value holds CR, LF or another
  ///         control octet (RFC 9110 §5.5), or if the field belongs to the framing (Content-Length,
  ///         Transfer-Encoding)
  response& set_header(std::string_view name, std::string_view value);
  /// Adds one more line: a field such as Set-Cookie may occur several times. Throws as
  /// `set_header`.
  response& add_header(std::string_view name, std::string_view value);
  response& remove_header(std::string_view name);

  /// Sets Content-Type by a whole, valid line: "Content-Type: …\r\n".
  response& content_type_line(std::string_view line);

  /// The value of the first field named `name`, without case.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept;

  /// The field lines, in order.
  [[nodiscard]] std::vector<field> fields() const;

  /// For the codec.
  detail::response_data& data() {
    if (!data_.is_unique())
      unshare();
    return *data_;
  }
  [[nodiscard]] const detail::response_data& data() const noexcept { return *data_; }

private:
  void unshare();
  response& add_checked(std::string_view name, std::string_view value);
  response& add_connection(std::string_view name, std::string_view value);

  detail::handle<detail::response_data> data_;
};

/// The response to a refused request: its status, and its reason as text; with 503 also
/// Retry-After. The connection itself adds that it closes.
response to_response(const refusal& why);

} // namespace sake::http

namespace sake {
using http::response;
} // namespace sake
