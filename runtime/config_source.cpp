#include <sake/runtime/config_source.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

namespace sake {

// -- settings ---------------------------------------------------------------------------

std::vector<std::string> settings::apply(config& to) const {
  auto wrong = errors;
  for (const auto& [target, text, at] : all)
    if (!target.read(text, to)) {
      const auto in = at.line == 0 ? notation::plain : notation::toml;
      const bool is_quoted = in == notation::plain || target.type != option_type::number;
      wrong.push_back({at, target.wants(in) + ", not " + (is_quoted ? '"' + text + '"' : text)});
    }
  // Of what others have set, others tell.
  for (auto& problem : problems_of(to)) {
    const auto found = std::find_if(all.begin(), all.end(), [&problem](const setting& each) {
      return each.target.name == problem.name || each.target.table() == problem.name;
    });
    if (found != all.end())
      wrong.push_back({found->at, std::move(problem.text)});
  }
  std::stable_sort(wrong.begin(), wrong.end(),
                   [](const auto& one, const auto& other) { return one.at < other.at; });
  std::vector<std::string> lines;
  for (const auto& [at, text] : wrong)
    lines.push_back(origin
                    + (at.line == 0
                           ? ": "
                           : ':' + std::to_string(at.line) + ':' + std::to_string(at.column) + ": ")
                    + text);
  return lines;
}

// -- layers -----------------------------------------------------------------------------

std::vector<std::string> config_source::add(layer added, config& to) {
  config changed = to;
  if (auto errors = added.content.apply(changed); !errors.empty())
    return errors;
  changed.source_ = nullptr;
  config base = to;
  base.source_ = nullptr;
  auto source = to.source_ != nullptr
                    ? std::make_shared<config_source>(*to.source_)
                    : std::make_shared<config_source>(config_source{base, {}, base});
  (void)added.content.apply(source->as_read);
  source->layers.push_back(std::move(added));
  changed.source_ = std::move(source);
  to = std::move(changed);
  return {};
}

bool config_source::has_file() const noexcept {
  return std::any_of(layers.begin(), layers.end(),
                     [](const layer& each) { return !each.file.empty(); });
}

config_source::reading config_source::read_again() const {
  reading result{base, {}};
  for (const auto& each : layers) {
    const auto errors = each.file.empty()
                            ? each.content.apply(result.now)
                            : settings_of_file(each.file, each.content.origin).apply(result.now);
    result.errors.insert(result.errors.end(), errors.begin(), errors.end());
  }
  return result;
}

bool is_declared(std::string_view pool, const config& options) {
  const auto& pools = options.pools();
  return pool.empty() || std::any_of(pools.begin(), pools.end(), [pool](const named_pool& each) {
           return each.name == pool;
         });
}

std::vector<option> differences(const config& one, const config& other) {
  auto found = options_of(one);
  for (auto& each : options_of(other))
    if (std::none_of(found.begin(), found.end(),
                     [&each](const option& known) { return known.name == each.name; }))
      found.push_back(std::move(each));
  std::erase_if(found, [&](const option& each) {
    return is_declared(each.pool, one) && is_declared(each.pool, other)
           && each.show(one) == each.show(other);
  });
  return found;
}

// -- what config tells of it --------------------------------------------------------------

std::vector<std::string> config::read_file(const std::string& path) {
  std::error_code ignored;
  auto absolute = std::filesystem::absolute(path, ignored).string();
  return config_source::add({std::move(absolute), settings_of_file(path, path)}, *this);
}

std::string config::origin() const {
  std::string text;
  if (source_ != nullptr)
    for (const auto& each : source_->layers)
      text +=
          (text.empty() ? "" : "+") + (each.file.empty() ? "command-line" : each.content.origin);
  return text.empty() ? "code" : text;
}

} // namespace sake
