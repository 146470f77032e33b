#include "log_line.hpp"

#include "../http/json/json_writer.hpp"

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string_view>

namespace sake {

namespace {

std::string_view name_of(log_level level) noexcept {
  switch (level) {
    case log_level::debug:
      return "debug";
    case log_level::info:
      return "info";
    case log_level::warning:
      return "warning";
    case log_level::error:
    case log_level::off:
      break;
  }
  return "error";
}

std::string show(std::chrono::system_clock::time_point when) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(when);
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(when - seconds).count();
  const std::time_t time = std::chrono::system_clock::to_time_t(seconds);
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  char text[40];
  const auto size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + size, sizeof text - size, ".%03dZ", static_cast<int>(ms));
  return text;
}

void put_value(http::json_writer& out, const log_field& field) {
  std::int64_t number = 0;
  const auto& text = field.value();
  if (field.is_number()
      && std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc{})
    out.int64(number);
  else
    out.string(text);
}

std::string make_json(const log_record& record, std::chrono::system_clock::time_point when) {
  std::string line;
  http::json_writer out{line};
  out.begin_object();
  out.key("time");
  out.string(show(when));
  out.key("level");
  out.string(name_of(record.level));
  out.key("message");
  out.string(record.text);
  for (const auto& each : record.fields) {
    out.key(each.name());
    put_value(out, each);
  }
  out.end_object();
  return line += '\n';
}

} // namespace

std::string make_log_line(const log_record& record, log_format format,
                          std::chrono::system_clock::time_point when) {
  if (format == log_format::json)
    return make_json(record, when);
  return show(when).append(" ").append(name_of(record.level)).append(" ").append(to_text(record))
         + '\n';
}

} // namespace sake
