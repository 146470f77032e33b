// The command line of the bench programs: `--name value` pairs and bare `--name` switches.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace sake::bench {

/// The parsed command line. Throws `std::invalid_argument`, naming the flag, for one that is not
/// listed, one without its value, and a value that is no whole number where a number is asked for.
class flags {
public:
  flags(int argc, char** argv, std::initializer_list<std::string_view> with_value,
        std::initializer_list<std::string_view> switches = {})
      : flags({argv + 1, argv + argc}, with_value, switches) {}

  flags(const std::vector<std::string>& arguments,
        std::initializer_list<std::string_view> with_value,
        std::initializer_list<std::string_view> switches = {}) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const auto& name = arguments[i];
      if (contains(switches, name))
        values_[name] = "";
      else if (!contains(with_value, name))
        throw std::invalid_argument("unknown flag " + name);
      else if (i + 1 == arguments.size())
        throw std::invalid_argument("missing value after " + name);
      else
        values_[name] = arguments[++i];
    }
  }

  bool has(std::string_view name) const { return values_.find(name) != values_.end(); }

  std::string text(std::string_view name, std::string fallback) const {
    auto it = values_.find(name);
    return it == values_.end() ? fallback : it->second;
  }

  std::size_t number(std::string_view name, std::size_t fallback) const {
    auto it = values_.find(name);
    if (it == values_.end())
      return fallback;
    const auto& text = it->second;
    std::size_t value = 0;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc{} || end != text.data() + text.size())
      throw std::invalid_argument(std::string{name} + " wants a whole number, not " + text);
    return value;
  }

  /// The value of `--port`, which every program here needs.
  std::uint16_t port() const {
    auto value = number("--port", 0);
    if (value == 0 || value > 65'535)
      throw std::invalid_argument("--port wants a port number");
    return static_cast<std::uint16_t>(value);
  }

private:
  static bool contains(std::initializer_list<std::string_view> names, std::string_view name) {
    for (auto known : names)
      if (known == name)
        return true;
    return false;
  }

  std::map<std::string, std::string, std::less<>> values_;
};

} // namespace sake::bench
