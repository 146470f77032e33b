#include "option.hpp"

#include <algorithm>

namespace sake {

namespace {

std::string joined(std::span<const std::string_view> words, std::string_view between) {
  std::string text;
  for (const auto each : words)
    text.append(text.empty() ? "" : between).append(each);
  return text;
}

} // namespace

std::string option::flag() const {
  std::string text = "--" + name;
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

std::string_view option::table() const noexcept {
  const auto dot = name.rfind('.');
  return dot == name.npos ? std::string_view{} : std::string_view{name}.substr(0, dot);
}

std::string option::choices() const {
  return joined(words, ", ");
}

std::string option::placeholder() const {
  switch (type) {
    case option_type::boolean:
      return "on|off";
    case option_type::number:
      return "N";
    case option_type::duration:
      return "TIME";
    case option_type::size:
      return "SIZE";
    case option_type::word:
      return joined(words, "|");
    case option_type::cores:
      return "CORES";
    case option_type::texts:
      return "TEXT,...";
    case option_type::text:
      break;
  }
  return "TEXT";
}

std::string option::wants(notation in) const {
  const std::string quote = in == notation::toml ? "\"" : "";
  const auto like = [&quote](std::string_view first, std::string_view last) {
    return " such as " + quote + std::string{first} + quote + " or " + quote + std::string{last}
           + quote;
  };
  const std::string begin = (in == notation::toml ? name : flag()) + " wants ";
  switch (type) {
    case option_type::boolean:
      return begin + (in == notation::toml ? "true or false" : "on, off, true or false");
    case option_type::number:
      return begin + "a whole number";
    case option_type::duration:
      return begin + "a duration" + like("250ms", "30s");
    case option_type::size:
      return begin + "a size" + like("500B", "64KiB");
    case option_type::word:
      return begin + "one of " + quote + joined(words, quote + ", " + quote) + quote;
    case option_type::cores:
      return begin + "cores" + like("0-3", "0,2");
    case option_type::texts:
      return begin + "a list" + like("a", "a,b");
    case option_type::text:
      break;
  }
  return begin + "text";
}

} // namespace sake
