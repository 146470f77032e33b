#include "settings.hpp"

#include "../../http/quote.hpp"
#include "config_check.hpp"

#include <algorithm>

namespace sake {

std::vector<std::string> settings::apply(config_values& to) const {
  auto wrong = errors;
  for (const auto& [target, text, at] : all)
    if (!target.read(text, to)) {
      const auto in = at.line == 0 ? notation::plain : notation::toml;
      const bool is_quoted = in == notation::plain || target.type != option_type::number;
      wrong.push_back({at, target.wants(in) + ", not " + (is_quoted ? '"' + text + '"' : text)});
    }
  // Only errors in options that these settings set; other sources report theirs.
  for (const auto& problem : problems_of(to)) {
    const auto found = std::find_if(all.begin(), all.end(), [&problem](const setting& each) {
      return each.target.name == problem.name || each.target.table() == problem.name;
    });
    if (found == all.end())
      continue;
    const bool is_flag = found->at.line == 0 && found->target.name == problem.name;
    wrong.push_back(
        {found->at, (is_flag ? found->target.flag() : problem.name) + ' ' + problem.rule});
  }
  std::stable_sort(wrong.begin(), wrong.end(),
                   [](const auto& one, const auto& other) { return one.at < other.at; });
  std::vector<std::string> lines;
  for (const auto& [at, text] : wrong)
    lines.push_back(http::on_one_line(
        origin
        + (at.line == 0 ? ": "
                        : ':' + std::to_string(at.line) + ':' + std::to_string(at.column) + ": ")
        + text));
  return lines;
}

} // namespace sake
