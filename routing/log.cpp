#include "log.hpp"

#include "../http/json/detail/json_utf8.hpp"

#include <atomic>
#include <cstddef>

namespace sake {

namespace {

// The most octets of one value in a line.
constexpr std::size_t max_value_bytes = 1024;

std::atomic<log_sink> current_sink{nullptr};
std::atomic<log_level> least_level{log_level::info};

bool is_control(unsigned char octet) noexcept {
  return octet < 0x20 || octet == 0x7f;
}

void append_escaped(std::string& line, unsigned char octet) {
  switch (octet) {
    case '\n':
      line += "\\n";
      break;
    case '\r':
      line += "\\r";
      break;
    case '\t':
      line += "\\t";
      break;
    default: {
      constexpr std::string_view digits = "0123456789abcdef";
      line.append("\\x").append({digits[octet / 16], digits[octet % 16]});
    }
  }
}

// The control characters U+0080 to U+009F, which terminals may obey, are two octets in UTF-8.
bool is_second_control_set(std::string_view text, std::size_t at) noexcept {
  return text[at] == '\xc2' && at + 1 < text.size()
         && static_cast<unsigned char>(text[at + 1]) < 0xa0;
}

std::string escape(std::string_view text, std::string_view also) {
  std::string safe;
  safe.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if (is_control(octet)) {
      append_escaped(safe, octet);
    } else if (is_second_control_set(text, i)) {
      append_escaped(safe, static_cast<unsigned char>(text[++i]));
    } else {
      if (octet == '\\' || also.find(text[i]) != also.npos)
        safe += '\\';
      safe += text[i];
    }
  }
  return safe;
}

// Whether `value` can stand in a line without quotation marks and stay unambiguous.
bool is_bare(std::string_view value) noexcept {
  return !value.empty()
         && value.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                    "-_.:,/+*[]%@")
                == value.npos;
}

void append_value(std::string& line, std::string_view value) {
  if (is_bare(value)) {
    line += value;
    return;
  }
  const bool is_cut = value.size() > max_value_bytes;
  const auto valid = http::detail::replace_invalid_utf8(value.substr(0, max_value_bytes));
  line.append("\"").append(escape(valid, "\"")).append(is_cut ? "…\"" : "\"");
}

} // namespace

void set_log_sink(log_sink sink) noexcept {
  current_sink.store(sink, std::memory_order_release);
}

log_sink current_log_sink() noexcept {
  return current_sink.load(std::memory_order_acquire);
}

void set_log_level(log_level least) noexcept {
  least_level.store(least, std::memory_order_relaxed);
}

bool logs(log_level level) noexcept {
  return level >= least_level.load(std::memory_order_relaxed) && current_log_sink() != nullptr;
}

void log(log_level level, std::string_view text, std::span<const log_field> fields) noexcept {
  if (const auto sink = current_log_sink(); sink != nullptr && logs(level))
    sink({level, text, fields});
}

std::string escape_log_text(std::string_view text) {
  return escape(http::detail::replace_invalid_utf8(text), {});
}

std::string to_text(const log_record& record) {
  auto line = escape_log_text(record.text);
  bool is_first = true;
  for (const auto& each : record.fields) {
    line.append(std::exchange(is_first, false) ? "; " : " ").append(each.name()).append("=");
    append_value(line, each.value());
  }
  return line;
}

} // namespace sake
