// Writes JSON text (RFC 8259), value by value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sake::http {

/// Appends one JSON text to a string, value by value, without building a document first. Calls nest
/// as JSON does: inside an object each value follows its `key`, every `begin` has its `end`, and
/// there is one outermost value.
///
/// The text is in the string once the outermost value ends. Allocates only to grow the string. Not
/// thread-safe.
class json_writer {
public:
  /// @param out  appended to; must outlive the writer
  explicit json_writer(std::string& out) noexcept : out_(&out) {}

  json_writer(const json_writer&) = delete;
  json_writer& operator=(const json_writer&) = delete;

  void begin_object();
  /// Names the next value of an object. The text follows the rules of `string`.
  void key(std::string_view name);
  void end_object();

  void begin_array();
  void end_array();

  void null();
  void boolean(bool value);
  void int64(std::int64_t value);
  void uint64(std::uint64_t value);
  /// Writes digits that read back as the same number. JSON knows no NaN and no infinity: they
  /// become null.
  void real(double value);
  void real(float value);
  /// Writes a string, escaped where JSON requires it. JSON is UTF-8: each invalid octet sequence
  /// becomes U+FFFD.
  void string(std::string_view text);

private:
  struct rapidjson_stream;

  void begin_value();
  void end_value();
  void put(char c);
  void put(std::string_view text);
  void put_string(std::string_view text);
  void put_escaped(std::string_view text);
  void flush();

  std::string* out_;
  std::size_t depth_ = 0;
  // Whether the next value is the first of its array or object, or follows a key.
  bool is_first_ = true;
  // Collects short writes: appending each of them to the string would cost more.
  std::size_t pending_size_ = 0;
  char pending_[512];
};

} // namespace sake::http

namespace sake {
using http::json_writer;
} // namespace sake
