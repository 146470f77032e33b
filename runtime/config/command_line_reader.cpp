#include "command_line_reader.hpp"

#include "command_help.hpp"
#include "config_file.hpp"
#include "config_source.hpp"
#include "options.hpp"
#include "suggestion.hpp"
#include "version.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace sake {

namespace {

std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find_first_of(" ="));
}

// Excludes "-", which stands for a stream, and negative numbers.
bool is_flag(std::string_view argument) {
  return argument.size() > 1 && argument[0] == '-' && (argument[1] < '0' || argument[1] > '9');
}

// Whether an option of the program, such as "--port N   where to listen", has a placeholder for a
// value: a word behind its name and one blank.
bool takes_value(std::string_view own) {
  const auto behind = own.substr(first_word(own).size());
  return behind.size() > 1 && behind[0] == ' ' && behind[1] != ' ';
}

// Whether the help of such an option stands behind two blanks or more, so that its first word is
// not taken for a placeholder.
bool is_well_formed(std::string_view own) {
  if (!is_flag(own))
    return false;
  if (!takes_value(own))
    return true;
  const auto placeholder = own.substr(first_word(own).size() + 1);
  const auto end = placeholder.find(' ');
  return end == placeholder.npos || placeholder.substr(end).starts_with("  ");
}

CLI::Option* add_file(CLI::App& to, std::string& file) {
  return to.add_option("--config", file)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

/// Returns the file named by --config; empty if there is none.
std::string file_in(std::vector<std::string> arguments) {
  CLI::App app;
  std::string file;
  add_file(app, file);
  app.set_help_flag();
  app.allow_extras();
  try {
    std::reverse(arguments.begin(), arguments.end()); // CLI11 takes them from the end
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError&) {
    // `line_reader` reports the error.
  }
  return file;
}

/// Reads all options of the command line.
class line_reader {
public:
  line_reader(const config_values& defaults, const std::vector<std::string>& own)
      : defaults_(defaults), options_(options_of(defaults)), own_(own) {
    app_.allow_extras();
    app_.set_help_flag("--help");
    if (!is_own("--version"))
      app_.add_flag("--version", asks_version_);
    add_file(app_, file_);
    app_.add_flag("--print-config", prints_);
    for (const auto& each : options_)
      flags_.push_back(app_.add_option(each.flag(), CLI::callback_t{})
                           ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast));
  }

  void read(const std::string& program, std::vector<std::string> arguments) {
    check_own(arguments);
    try {
      std::reverse(arguments.begin(), arguments.end());
      app_.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
      text_ = command_help(program, options_, defaults_, own_);
    } catch (const CLI::ArgumentMismatch& error) {
      const std::string_view text = error.what(); // "--workers: 1 required …"
      result_.errors.push_back(
          {{}, std::string{text.substr(0, text.find(':'))} + " wants a value"});
    } catch (const CLI::ParseError& error) {
      result_.errors.push_back({{}, error.what()});
    }
    if (asks_version_ && text_.empty())
      text_ = "sake " + std::string{version()} + '\n';
    for (std::size_t i = 0; i < options_.size(); ++i)
      if (flags_[i]->count() > 0)
        result_.all.push_back({options_[i], flags_[i]->results().back(), {}});
    for (auto& each : app_.remaining()) {
      if (is_flag(each) && !is_own(each))
        fail_unknown(each);
      rest_.push_back(std::move(each));
    }
  }

  /// The output of --help or --version; empty without them.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] bool prints() const noexcept { return prints_; }
  settings& result() noexcept { return result_; }
  std::vector<std::string>& rest() noexcept { return rest_; }

private:
  [[nodiscard]] bool is_own(std::string_view argument) const {
    return std::any_of(own_.begin(), own_.end(), [&](std::string_view each) {
      return first_word(each) == first_word(argument);
    });
  }

  // Reports options of the program that lack their value.
  void check_own(const std::vector<std::string>& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const bool has_value = i + 1 < arguments.size() && !is_flag(arguments[i + 1]);
      if (!has_value && std::any_of(own_.begin(), own_.end(), [&](std::string_view each) {
            return takes_value(each) && first_word(each) == arguments[i];
          }))
        result_.errors.push_back({{}, arguments[i] + " wants a value"});
    }
  }

  void fail_unknown(std::string_view argument) {
    const auto name = first_word(argument);
    std::vector<std::string> known{"--config", "--print-config", "--help", "--version"};
    for (const auto& each : options_)
      known.push_back(each.flag());
    for (const auto& each : own_)
      known.emplace_back(first_word(each));
    result_.errors.push_back(
        {{}, "unknown option \"" + std::string{name} + '"' + suggestion(name, known)});
  }

  const config_values& defaults_;
  const std::vector<option> options_;
  const std::vector<std::string>& own_;
  CLI::App app_;
  std::string file_;
  bool prints_ = false;
  bool asks_version_ = false;
  /// In the order of `options_`.
  std::vector<CLI::Option*> flags_;
  std::string text_;
  settings result_{"command line", {}, {}};
  std::vector<std::string> rest_;
};

} // namespace

command_line read_command_line(int argc, const char* const* argv,
                               const std::vector<std::string>& own, config_values& values) {
  for (const auto& each : own)
    if (!is_well_formed(each))
      throw std::invalid_argument("option of the program \"" + each
                                  + "\": write \"--name VALUE   help\" or \"--name   help\"");
  std::vector<std::string> arguments{argv + std::min(argc, 1), argv + argc};
  const auto mark = std::find(arguments.begin(), arguments.end(), "--");
  const std::vector<std::string> behind{mark == arguments.end() ? mark : mark + 1, arguments.end()};
  arguments.erase(mark, arguments.end());

  command_line result;
  config_values changed = values;
  if (const auto file = file_in(arguments); !file.empty())
    result.errors = config_source::add_file(file, changed);
  line_reader line{changed, own};
  line.read(argc > 0 ? argv[0] : "", std::move(arguments));
  if (!line.text().empty())
    return {.rest = {}, .errors = {}, .text = line.text()};
  if (auto& read = line.result(); !read.all.empty() || !read.errors.empty()) {
    const auto errors = config_source::add({{}, std::move(read)}, changed);
    result.errors.insert(result.errors.end(), errors.begin(), errors.end());
  }
  if (!result.errors.empty())
    return result;
  values = std::move(changed);
  result.rest = std::move(line.rest());
  result.rest.insert(result.rest.end(), behind.begin(), behind.end());
  if (line.prints())
    result.text = to_toml(values);
  return result;
}

} // namespace sake
