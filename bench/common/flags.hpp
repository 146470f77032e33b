// The command line of the bench programs: `--name value` or `--name=value`, and bare `--name`.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <iostream>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace sake::bench {

/// An invalid command line; the text gives the reason.
class usage_error : public std::invalid_argument {
public:
  using std::invalid_argument::invalid_argument;
};

/// Thrown for --help.
struct help_wanted {};

/// The parsed command line. Throws `usage_error` with the name of the flag for an unknown flag, a
/// missing value, a switch with a value, and a value that is not a whole number where one is
/// required. Throws `help_wanted` for --help, which every program has.
class flags {
public:
  using names = std::initializer_list<std::string_view>;
  static constexpr auto unbounded = std::numeric_limits<std::size_t>::max();

  flags(int argc, char** argv, names with_value, names switches = {})
      : flags({argv + 1, argv + argc}, with_value, switches) {}

  flags(const std::vector<std::string>& arguments, names with_value, names switches = {}) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      auto [name, value] = divided(arguments[i]);
      if (name == "--help")
        throw help_wanted{};
      if (contains(with_value, name)) {
        if (!value && i + 1 == arguments.size())
          throw usage_error(name + " wants a value");
        values_[name] = value ? *value : arguments[++i];
      } else if (!contains(switches, name)) {
        throw usage_error("unknown flag " + name);
      } else if (value) {
        throw usage_error(name + " takes no value");
      } else {
        values_[name] = "";
      }
    }
  }

  bool has(std::string_view name) const { return values_.find(name) != values_.end(); }

  std::string text(std::string_view name, std::string fallback) const {
    auto it = values_.find(name);
    return it == values_.end() ? fallback : it->second;
  }

  /// A whole number from `least` to `most`; without the flag `fallback`, which may be outside.
  std::size_t number(std::string_view name, std::size_t fallback, std::size_t least = 0,
                     std::size_t most = unbounded) const {
    auto it = values_.find(name);
    if (it == values_.end())
      return fallback;
    const auto& text = it->second;
    std::size_t value = 0;
    auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc{} || end != text.data() + text.size() || value < least || value > most)
      throw usage_error(std::string{name} + " wants a whole number" + range(least, most)
                        + ", not \"" + text + '"');
    return value;
  }

  /// The value of `--port`, which every server and client requires.
  std::uint16_t port() const {
    if (!has("--port"))
      throw usage_error("--port is missing");
    return static_cast<std::uint16_t>(number("--port", 0, 0, 65'535));
  }

private:
  /// The text before the first "=", and the text behind it if there is one.
  static std::pair<std::string, std::optional<std::string>> divided(const std::string& argument) {
    const auto at = argument.find('=');
    if (at == std::string::npos)
      return {argument, std::nullopt};
    return {argument.substr(0, at), argument.substr(at + 1)};
  }

  static std::string range(std::size_t least, std::size_t most) {
    if (most == unbounded)
      return least == 0 ? "" : " of at least " + std::to_string(least);
    return " from " + std::to_string(least) + " to " + std::to_string(most);
  }

  static bool contains(names known, std::string_view wanted) {
    for (auto name : known)
      if (name == wanted)
        return true;
    return false;
  }

  std::map<std::string, std::string, std::less<>> values_;
};

/// The main of a bench program; `body` returns the exit status. For --help prints `usage` and
/// returns 0. An invalid command line returns 2, any other failure 1, each with one line on
/// standard error.
template <class Body>
int run_program(std::string_view name, std::string_view usage, Body body) {
  try {
    return body();
  } catch (const help_wanted&) {
    std::cout << "usage: " << name << ' ' << usage << '\n';
    return 0;
  } catch (const usage_error& error) {
    std::cerr << name << ": " << error.what() << "; see --help\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << name << ": " << error.what() << '\n';
    return 1;
  }
}

} // namespace sake::bench
