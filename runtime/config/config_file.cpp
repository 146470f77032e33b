#include "config_file.hpp"

#include "file_error.hpp"
#include "options.hpp"
#include "suggestion.hpp"

#include <stdexcept>

namespace {
[[noreturn]] void refuse_toml() {
  throw std::invalid_argument{"a table header or a key is malformed"};
}
} // namespace

// toml++ 3.3 asserts what some malformed files violate (`[` alone); with NDEBUG it assumes it, and
// the behaviour is undefined. Here such a file is refused.
#undef NDEBUG
#define TOML_ASSERT(expression) (static_cast<bool>(expression) ? void() : refuse_toml())
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

namespace sake {

namespace {

// -- reading ------------------------------------------------------------------------------

// Far more than all options need.
constexpr std::size_t file_limit = 1024 * 1024;

struct content {
  std::string octets;
  /// Why the file cannot be read; empty on success.
  std::string error;
};

content content_of(const std::string& path) {
  if (auto error = file_error(path); !error.empty())
    return {{}, std::move(error)};
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose};
  if (file == nullptr)
    return {{}, std::strerror(errno)};
  std::string octets(file_limit + 1, '\0');
  octets.resize(std::fread(octets.data(), 1, octets.size(), file.get()));
  if (std::ferror(file.get()) != 0)
    return {{}, std::strerror(errno)};
  if (octets.size() > file_limit)
    return {{}, "it is larger than 1 MiB"};
  return {std::move(octets), {}};
}

// The known names to suggest for an unknown key.
std::vector<std::string> names_near(std::string_view name) {
  std::vector<std::string> names{"pools"};
  config_values with_pool;
  if (name.starts_with("pools."))
    with_pool.set_pool(std::string{name.substr(6, name.rfind('.') - 6)}, {});
  for (const auto& each : options_of(with_pool)) {
    names.push_back(each.name);
    names.emplace_back(each.table());
  }
  return names;
}

// Names a value in an error.
std::string describe(const toml::node& value) {
  if (const auto* const text = value.as_string())
    return '"' + text->get() + '"';
  if (const auto* const number = value.as_integer())
    return std::to_string(number->get());
  if (const auto* const flag = value.as_boolean())
    return flag->get() ? "true" : "false";
  return value.is_table() ? "a table" : value.is_array() ? "an array" : "what is there";
}

// Returns the text of a value; empty if it has the wrong type.
std::optional<std::string> text_of(const toml::node& value, option_type wanted) {
  if (wanted == option_type::boolean) {
    const auto* const flag = value.as_boolean();
    return flag == nullptr ? std::nullopt
                           : std::optional{option_text::show<option_type::boolean>(flag->get())};
  }
  if (wanted == option_type::number) {
    const auto* const number = value.as_integer();
    return number == nullptr ? std::nullopt : std::optional{std::to_string(number->get())};
  }
  const auto* const text = value.as_string();
  return text == nullptr ? std::nullopt : std::optional{text->get()};
}

class file_reader {
public:
  explicit file_reader(settings& result) : result_(result) {}

  void read(const toml::table& from, const std::string& prefix = {}) {
    for (const auto& [key, value] : from)
      read(prefix + std::string{key.str()}, key, value);
  }

private:
  static file_position position(const toml::source_region& of) {
    return {of.begin.line, of.begin.column};
  }

  void read(const std::string& name, const toml::key& key, const toml::node& value) {
    const auto* const inner = value.as_table();
    if (auto target = find_option(name))
      set(std::move(*target), value);
    else if (!is_table(name))
      fail(key.source(), "unknown option \"" + name + '"' + suggestion(name, names_near(name)));
    else if (inner == nullptr)
      fail(value.source(), name + " wants a table, not " + describe(value));
    else if (inner->empty() && name.starts_with("pools."))
      fail(value.source(), name + " sets nothing; a pool needs its workers at least");
    else
      read(*inner, name + '.');
  }

  void set(option target, const toml::node& value) {
    if (auto text = text_of(value, target.type))
      result_.all.push_back({std::move(target), std::move(*text), position(value.source())});
    else
      fail(value.source(), target.wants(notation::toml) + ", not " + describe(value));
  }

  void fail(const toml::source_region& where, std::string text) {
    result_.errors.push_back({position(where), std::move(text)});
  }

  settings& result_;
};

} // namespace

settings settings_of_file(const std::string& path, std::string origin) {
  settings result{std::move(origin), {}, {}};
  const auto [octets, error] = content_of(path);
  if (!error.empty()) {
    result.errors.push_back({{}, "cannot read it: " + error});
    return result;
  }
  try {
    const auto parsed = toml::parse(octets);
    if (parsed) {
      file_reader{result}.read(parsed.table());
    } else {
      const auto& where = parsed.error().source().begin;
      result.errors.push_back(
          {{where.line, where.column}, std::string{parsed.error().description()}});
    }
  } catch (const std::invalid_argument& malformed) {
    result.errors.push_back({{}, malformed.what()});
  }
  return result;
}

// -- writing ------------------------------------------------------------------------------

namespace {

std::string to_toml(const std::string& text) {
  const toml::value<std::string> value{text};
  std::ostringstream written;
  written << toml::toml_formatter{value, toml::format_flags::none};
  return written.str();
}

std::string to_toml(const option& of, const config_values& from) {
  const auto text = of.show(from);
  if (of.type == option_type::boolean)
    return text == "on" ? "true" : "false";
  return of.type == option_type::number ? text : to_toml(text);
}

} // namespace

std::string to_toml(const config_values& values) {
  std::string result;
  std::string table;
  for (const auto& each : options_of(values)) {
    if (table != each.table())
      result += "\n[" + (table = each.table()) + "]\n";
    result += each.name.substr(each.name.rfind('.') + 1) + " = " + to_toml(each, values) + '\n';
  }
  return result;
}

} // namespace sake
