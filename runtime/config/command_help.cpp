#include "command_help.hpp"

#include "wrap.hpp"

#include <cstddef>
#include <string_view>

namespace sake {

namespace {

constexpr std::size_t help_column = 30;

std::string heading(std::string_view text) {
  return "\n" + std::string{text} + ":\n";
}

// The option, and its explanation beside or below it.
std::string entry(const std::string& called, std::string_view help) {
  std::string text = "  " + called;
  if (text.size() + 2 > help_column)
    text.append("\n").append(help_column, ' ');
  else
    text.resize(help_column, ' ');
  return text + wrap(help, help_column, help_column) + '\n';
}

std::string entry(const option& of, const config_values& defaults) {
  const auto value = of.show(defaults);
  return entry(of.flag() + ' ' + of.placeholder() + (value.empty() ? "" : '=' + value), of.help);
}

} // namespace

std::string command_help(const std::string& program, const std::vector<option>& options,
                         const config_values& defaults, const std::vector<std::string>& own) {
  std::string text = "Usage: " + program + " [options]\n" + heading("Options")
                     + entry("--help", "print this and end")
                     + entry("--version", "print the version of Sake and end")
                     + entry("--config FILE", "a TOML file with options, read before the others")
                     + entry("--print-config", "print all options as such a file and end");
  std::string_view group;
  for (const auto& each : options) {
    if (each.group != group)
      text += heading(group = each.group);
    text += entry(each, defaults);
  }
  if (!own.empty())
    text += heading("Of this program");
  for (const auto& each : own)
    text += "  " + each + '\n';
  return text;
}

} // namespace sake
