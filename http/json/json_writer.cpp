#include "json_writer.hpp"

#include "detail/json_plain.hpp"
#include "detail/json_utf8.hpp"

#include <rapidjson/writer.h>

#include <cassert>
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace sake::http {

/// The output of RapidJSON's numbers and strings. `json_writer` itself writes commas and nesting.
struct json_writer::rapidjson_stream {
  using Ch = char;

  json_writer* out;

  void Put(char c) { out->put(c); }
  void Flush() noexcept {}
};

void json_writer::begin_object() {
  begin_value();
  put('{');
  ++depth_;
  is_first_ = true;
}

void json_writer::key(std::string_view name) {
  begin_value();
  put_string(name);
  put(':');
  is_first_ = true;
}

void json_writer::end_object() {
  assert(depth_ != 0);
  put('}');
  --depth_;
  end_value();
}

void json_writer::begin_array() {
  begin_value();
  put('[');
  ++depth_;
  is_first_ = true;
}

void json_writer::end_array() {
  assert(depth_ != 0);
  put(']');
  --depth_;
  end_value();
}

void json_writer::null() {
  begin_value();
  put("null");
  end_value();
}

void json_writer::boolean(bool value) {
  begin_value();
  put(value ? "true" : "false");
  end_value();
}

void json_writer::int64(std::int64_t value) {
  begin_value();
  rapidjson_stream stream{this};
  rapidjson::Writer<rapidjson_stream>{stream}.Int64(value);
  end_value();
}

void json_writer::uint64(std::uint64_t value) {
  begin_value();
  rapidjson_stream stream{this};
  rapidjson::Writer<rapidjson_stream>{stream}.Uint64(value);
  end_value();
}

void json_writer::real(double value) {
  if (!std::isfinite(value))
    return null();
  begin_value();
  rapidjson_stream stream{this};
  rapidjson::Writer<rapidjson_stream>{stream}.Double(value);
  end_value();
}

void json_writer::real(float value) {
  if (!std::isfinite(value))
    return null();
  begin_value();
  // As a double, 0.1f would be written as 0.10000000149011612.
  char digits[32];
  const std::string_view text{digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
  put(text);
  if (text.find_first_of(".e") == std::string_view::npos)
    put(".0");
  end_value();
}

void json_writer::string(std::string_view text) {
  begin_value();
  put_string(text);
  end_value();
}

void json_writer::begin_value() {
  if (is_first_) {
    is_first_ = false;
  } else {
    assert(depth_ != 0);
    put(',');
  }
}

void json_writer::end_value() {
  is_first_ = false;
  if (depth_ == 0)
    flush();
}

void json_writer::put(char c) {
  if (pending_size_ == sizeof pending_)
    flush();
  pending_[pending_size_++] = c;
}

void json_writer::put(std::string_view text) {
  for (const char c : text)
    put(c);
}

void json_writer::put_string(std::string_view text) {
  if (text.size() > sizeof pending_ - 2)
    return put_escaped(text);
  if (text.size() + 2 > sizeof pending_ - pending_size_)
    flush();
  char* to = pending_ + pending_size_;
  if (!detail::copy_plain(text, to + 1))
    return put_escaped(text);
  to[0] = to[text.size() + 1] = '"';
  pending_size_ += text.size() + 2;
}

void json_writer::put_escaped(std::string_view text) {
  // RapidJSON counts octets in 32 bits; U+FFFD has three.
  if (text.size() > std::numeric_limits<rapidjson::SizeType>::max() / 3)
    throw std::length_error("string too long for JSON");
  const auto put_utf8 = [this](std::string_view utf8) {
    rapidjson_stream stream{this};
    rapidjson::Writer<rapidjson_stream>{stream}.String(
        utf8.data(), static_cast<rapidjson::SizeType>(utf8.size()));
  };
  if (detail::is_utf8(text))
    put_utf8(text);
  else
    put_utf8(detail::replace_invalid_utf8(text));
}

void json_writer::flush() {
  out_->append(pending_, pending_size_);
  pending_size_ = 0;
}

} // namespace sake::http
