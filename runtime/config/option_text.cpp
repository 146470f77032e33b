#include "option_text.hpp"

#include <algorithm>
#include <charconv>
#include <span>
#include <system_error>
#include <utility>

namespace sake::option_text {

namespace {

struct unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr unit times[] = {{"h", 3'600'000}, {"min", 60'000}, {"s", 1'000}, {"ms", 1}};
constexpr unit sizes[] = {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}};

// The number of cores in a cpu_set_t of sched_setaffinity(2).
constexpr std::uint64_t max_cores = 1024;

constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();

std::optional<std::uint64_t> read_with_unit(std::string_view text, std::span<const unit> units) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = read_number(text.substr(0, digits));
  const auto found = std::find_if(units.begin(), units.end(), [&](const unit& each) {
    return each.name == text.substr(digits);
  });
  if (!number || found == units.end() || *number > most / found->factor)
    return std::nullopt;
  return *number * found->factor;
}

std::string show_with_unit(std::uint64_t value, std::span<const unit> units) {
  const auto fits = [&](const unit& each) { return value != 0 && value % each.factor == 0; };
  const auto found = std::find_if(units.begin(), units.end() - 1, fits);
  return std::to_string(value / found->factor) + std::string{found->name};
}

// Reads "3", or "0-3".
std::optional<std::pair<std::uint64_t, std::uint64_t>> read_range(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = read_number(text.substr(0, dash));
  const auto last = dash == text.npos ? first : read_number(text.substr(dash + 1));
  if (!first || !last || *last < *first || *last >= max_cores)
    return std::nullopt;
  return std::pair{*first, *last};
}

} // namespace

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

std::optional<std::chrono::milliseconds> read_duration(std::string_view text) {
  const auto found = read_with_unit(text, times);
  if (!found)
    return std::nullopt;
  return std::chrono::milliseconds{static_cast<std::int64_t>(*found)};
}

std::optional<std::uint64_t> read_size(std::string_view text) {
  return read_with_unit(text, sizes);
}

std::optional<std::vector<std::size_t>> read_cores(std::string_view text) {
  std::vector<std::size_t> cores;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto range = read_range(text.substr(0, comma));
    if (!range || comma + 1 == text.size())
      return std::nullopt;
    for (auto core = range->first; core <= range->second; ++core)
      cores.push_back(core);
    text = comma == text.npos ? std::string_view{} : text.substr(comma + 1);
  }
  return cores;
}

std::optional<std::vector<std::string>> read_texts(std::string_view text) {
  std::vector<std::string> texts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    if (comma == 0 || comma + 1 == text.size())
      return std::nullopt;
    texts.emplace_back(text.substr(0, comma));
    text = comma == text.npos ? std::string_view{} : text.substr(comma + 1);
  }
  return texts;
}

std::string show_duration(std::chrono::milliseconds time) {
  const auto count = time.count();
  return count < 0 ? std::to_string(count) + "ms"
                   : show_with_unit(static_cast<std::uint64_t>(count), times);
}

std::string show_size(std::uint64_t octets) {
  return show_with_unit(octets, sizes);
}

std::string show_cores(const std::vector<std::size_t>& cores) {
  std::string text;
  for (std::size_t i = 0; i < cores.size(); ++i) {
    std::size_t last = i;
    while (last + 1 < cores.size() && cores[last + 1] == cores[last] + 1)
      ++last;
    text += (text.empty() ? "" : ",") + std::to_string(cores[i]);
    if (last != i)
      text += '-' + std::to_string(cores[last]);
    i = last;
  }
  return text;
}

std::string show_texts(const std::vector<std::string>& texts) {
  std::string text;
  for (std::size_t i = 0; i < texts.size(); ++i)
    text += (i == 0 ? "" : ",") + texts[i];
  return text;
}

} // namespace sake::option_text
