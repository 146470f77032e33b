// Values of options as text, for files, the command line and the log.
#pragma once

#include "../../actors/workers/pool_settings.hpp"
#include "config_values.hpp"

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace sake {

/// How the value of an option is written.
enum class option_type : std::uint8_t {
  boolean,  ///< on, off
  number,   ///< a whole number without a unit
  duration, ///< with its unit: 250ms, 30s, 5min, 1h
  size,     ///< with its unit: 500B, 64KiB, 1MiB, 2GiB
  text,
  word,  ///< one of a few words
  cores, ///< numbers and ranges, as in cpuset(7): 0,2-3; empty for none
  texts, ///< with commas between: a,b; empty for none
};

namespace option_text {

/// A whole number in decimal digits and nothing else.
std::optional<std::uint64_t> read_number(std::string_view text);
std::optional<std::chrono::milliseconds> read_duration(std::string_view text);
std::optional<std::uint64_t> read_size(std::string_view text);
std::optional<std::vector<std::size_t>> read_cores(std::string_view text);
std::optional<std::vector<std::string>> read_texts(std::string_view text);

/// In the largest unit that leaves a whole number.
std::string show_duration(std::chrono::milliseconds time);
std::string show_size(std::uint64_t octets);
std::string show_cores(const std::vector<std::size_t>& cores);
std::string show_texts(const std::vector<std::string>& texts);

/// The words for an enumeration, in the order of its values.
inline constexpr std::string_view scheduling_words[] = {"idle", "background", "batch", "normal"};
inline constexpr std::string_view policy_words[] = {"sharing", "stealing"};
inline constexpr std::string_view level_words[] = {"debug", "info", "warning", "error", "off"};
inline constexpr std::string_view format_words[] = {"text", "json"};
inline constexpr std::string_view role_words[] = {"both", "front", "worker"};

constexpr const auto& words_of(scheduling) noexcept {
  return scheduling_words;
}
constexpr const auto& words_of(scheduler_policy) noexcept {
  return policy_words;
}
constexpr const auto& words_of(log_level) noexcept {
  return level_words;
}
constexpr const auto& words_of(log_format) noexcept {
  return format_words;
}
constexpr const auto& words_of(node_role) noexcept {
  return role_words;
}

// -- show: the text of a value -------------------------------------------------------------

template <option_type>
std::string show(bool value) {
  return value ? "on" : "off";
}

template <option_type Type, std::unsigned_integral Number>
  requires(!std::same_as<Number, bool>)
std::string show(Number value) {
  return Type == option_type::size ? show_size(value) : std::to_string(value);
}

template <option_type>
std::string show(std::chrono::milliseconds value) {
  return show_duration(value);
}

template <option_type>
std::string show(const std::string& value) {
  return value;
}

template <option_type>
std::string show(const std::vector<std::size_t>& value) {
  return show_cores(value);
}

template <option_type>
std::string show(const std::vector<std::string>& value) {
  return show_texts(value);
}

template <option_type, class Enum>
  requires std::is_enum_v<Enum>
std::string show(Enum value) {
  const auto& words = words_of(value);
  const auto index = static_cast<std::size_t>(value);
  return index < std::size(words) ? std::string{words[index]} : std::to_string(index);
}

// -- read: false for text that is no such value --------------------------------------------

template <option_type>
bool read(std::string_view text, bool& value) {
  const bool is_on = text == "on" || text == "true";
  if (!is_on && text != "off" && text != "false")
    return false;
  value = is_on;
  return true;
}

template <option_type Type, std::unsigned_integral Number>
  requires(!std::same_as<Number, bool>)
bool read(std::string_view text, Number& value) {
  const auto found = Type == option_type::size ? read_size(text) : read_number(text);
  if (!found || *found > std::numeric_limits<Number>::max())
    return false;
  value = static_cast<Number>(*found);
  return true;
}

template <option_type>
bool read(std::string_view text, std::string& value) {
  value = text;
  return true;
}

template <option_type>
bool read(std::string_view text, std::chrono::milliseconds& value) {
  const auto found = read_duration(text);
  value = found.value_or(value);
  return found.has_value();
}

template <option_type>
bool read(std::string_view text, std::vector<std::size_t>& value) {
  const auto found = read_cores(text);
  value = found.value_or(value);
  return found.has_value();
}

template <option_type>
bool read(std::string_view text, std::vector<std::string>& value) {
  const auto found = read_texts(text);
  value = found.value_or(value);
  return found.has_value();
}

template <option_type, class Enum>
  requires std::is_enum_v<Enum>
bool read(std::string_view text, Enum& value) {
  const auto& words = words_of(value);
  for (std::size_t i = 0; i < std::size(words); ++i)
    if (words[i] == text) {
      value = static_cast<Enum>(i);
      return true;
    }
  return false;
}

} // namespace option_text

} // namespace sake
