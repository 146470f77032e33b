#include "config_source.hpp"

#include "config_file.hpp"
#include "options.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace sake {

std::vector<std::string> config_source::add(layer added, config_values& to) {
  config_values changed = to;
  if (auto errors = added.content.apply(changed); !errors.empty())
    return errors;
  changed.source = nullptr;
  config_values base = to;
  base.source = nullptr;
  auto source = to.source != nullptr
                    ? std::make_shared<config_source>(*to.source)
                    : std::make_shared<config_source>(config_source{base, {}, base});
  (void)added.content.apply(source->as_read);
  source->layers.push_back(std::move(added));
  changed.source = std::move(source);
  to = std::move(changed);
  return {};
}

std::vector<std::string> config_source::add_file(const std::string& path, config_values& to) {
  std::error_code ignored;
  auto absolute = std::filesystem::absolute(path, ignored).string();
  return add({std::move(absolute), settings_of_file(path, path)}, to);
}

std::string config_source::origin_of(const config_values& values) {
  std::string text;
  if (values.source != nullptr)
    for (const auto& each : values.source->layers)
      text +=
          (text.empty() ? "" : "+") + (each.file.empty() ? "command-line" : each.content.origin);
  return text.empty() ? "code" : text;
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

bool is_declared(std::string_view pool, const config_values& values) {
  const auto& pools = values.executors.named_pools;
  return pool.empty() || std::any_of(pools.begin(), pools.end(), [pool](const named_pool& each) {
           return each.name == pool;
         });
}

std::vector<option> differences(const config_values& one, const config_values& other) {
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

} // namespace sake
