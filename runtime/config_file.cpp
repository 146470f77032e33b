// The options in a TOML file.
#include <sake/runtime/config_source.hpp>
#include <sake/runtime/suggestion.hpp>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <cerrno>
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

struct content {
  std::string octets;
  int error = 0;
};

content content_of(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose};
  if (file == nullptr)
    return {{}, errno};
  content read;
  char piece[4096];
  while (const auto size = std::fread(piece, 1, sizeof piece, file.get()))
    read.octets.append(piece, size);
  read.error = std::ferror(file.get()) != 0 ? errno : 0;
  return read;
}

// All that a key could have been meant to be.
std::vector<std::string> names_near(std::string_view name) {
  std::vector<std::string> names{"pools"};
  config with_pool;
  if (name.starts_with("pools."))
    with_pool.with_pool(std::string{name.substr(6, name.rfind('.') - 6)}, {});
  for (const auto& each : options_of(with_pool)) {
    names.push_back(each.name);
    names.emplace_back(each.table());
  }
  return names;
}

// What an error calls a value.
std::string describe(const toml::node& value) {
  if (const auto* const text = value.as_string())
    return '"' + text->get() + '"';
  if (const auto* const number = value.as_integer())
    return std::to_string(number->get());
  if (const auto* const flag = value.as_boolean())
    return flag->get() ? "true" : "false";
  return value.is_table() ? "a table" : value.is_array() ? "an array" : "what is there";
}

// The text of a value of the right kind.
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
  if (error != 0) {
    result.errors.push_back({{}, std::string{"cannot read it: "} + std::strerror(error)});
    return result;
  }
  const auto parsed = toml::parse(octets);
  if (!parsed) {
    const auto& where = parsed.error().source().begin;
    result.errors.push_back(
        {{where.line, where.column}, std::string{parsed.error().description()}});
    return result;
  }
  file_reader{result}.read(parsed.table());
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

std::string to_toml(const option& of, const config& from) {
  const auto text = of.show(from);
  if (of.type == option_type::boolean)
    return text == "on" ? "true" : "false";
  return of.type == option_type::number ? text : to_toml(text);
}

} // namespace

std::string config::to_toml() const {
  std::string result;
  std::string table;
  for (const auto& each : options_of(*this)) {
    if (table != each.table())
      result += "\n[" + (table = each.table()) + "]\n";
    result +=
        each.name.substr(each.name.rfind('.') + 1) + " = " + sake::to_toml(each, *this) + '\n';
  }
  return result;
}

} // namespace sake
