// The log: lines of text with named facts, and where they go.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sake {

enum class log_level : std::uint8_t { debug, info, warning, error, off };

/// A fact of a log line under its name. Text is written as text whatever it holds; numbers are
/// numbers in JSON.
class log_field {
public:
  log_field(std::string_view name, std::string value) : name_(name), value_(std::move(value)) {}
  log_field(std::string_view name, std::string_view value) : name_(name), value_(value) {}
  log_field(std::string_view name, const char* value) : name_(name), value_(value) {}
  template <std::integral Number>
  log_field(std::string_view name, Number value)
      : name_(name), value_(std::to_string(value)), is_number_(true) {}
  log_field(std::string_view name, bool value) : log_field(name, value ? "yes" : "no") {}

  [[nodiscard]] std::string_view name() const noexcept { return name_; }
  [[nodiscard]] const std::string& value() const noexcept { return value_; }
  [[nodiscard]] bool is_number() const noexcept { return is_number_; }

private:
  std::string_view name_;
  std::string value_;
  bool is_number_ = false;
};

/// One line: what happened, and the facts. Borrowed for the call.
struct log_record {
  log_level level = log_level::info;
  std::string_view text;
  std::span<const log_field> fields;
};

/// Takes one line. Called from any thread, several at a time. Must not throw or block.
using log_sink = void (*)(const log_record& record);

/// Sends all further lines to `sink`; null drops them. An engine sets its own at its start if there
/// is none. Safe from any thread.
void set_log_sink(log_sink sink) noexcept;
[[nodiscard]] log_sink current_log_sink() noexcept;

/// Drops all further lines below `least`. Default `info`. Safe from any thread.
void set_log_level(log_level least) noexcept;
/// Whether lines of this level are written at all.
[[nodiscard]] bool logs(log_level level) noexcept;

/// Writes a line. Never blocks and never throws: if memory or room in the log is short, the line is
/// left out. Safe from any thread.
///
///     sake::log(sake::log_level::info, "order placed", {{"order", id}, {"items", count}});
///
/// `context::log` adds the facts of the request.
void log(log_level level, std::string_view text, std::span<const log_field> fields) noexcept;
inline void log(log_level level, std::string_view text,
                std::initializer_list<log_field> fields = {}) noexcept {
  log(level, text, std::span{fields.begin(), fields.size()});
}

/// `text` with escapes (`\n`, `\x1b`) for everything that could end or forge a line: control
/// characters, the backslash, and octets that are not UTF-8.
[[nodiscard]] std::string escape_log_text(std::string_view text);

/// The line as text: `text; name=value name="a value"`, escaped.
[[nodiscard]] std::string to_text(const log_record& record);

} // namespace sake
