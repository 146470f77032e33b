// One option of the configuration, as files and the command line know it.
#pragma once

#include <sake/runtime/config.hpp>
#include <sake/runtime/option_text.hpp>

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace sake {

/// How a value is written: as it is, or in TOML.
enum class notation : std::uint8_t { plain, toml };

/// One option of `config`.
struct option {
  /// As files name it: "workers", "limits.field_count", "pools.images.workers".
  std::string name;
  /// The pool whose option it is; empty for others.
  std::string pool;
  /// The heading that it stands under.
  std::string_view group;
  std::string_view help;
  option_type type;
  /// Where it is one of a few words: those.
  std::span<const std::string_view> words;
  /// Whether an engine that runs takes a new value.
  bool is_live;
  /// For numbers, octets and milliseconds.
  std::int64_t least;
  std::int64_t most;

  static constexpr std::int64_t unbounded = std::numeric_limits<std::int64_t>::max();

  /// The text of its value.
  [[nodiscard]] std::string show(const config& from) const { return shower(from, pool); }
  /// Declares the pool where there is none of that name. Does not look at the range.
  /// @returns false, and sets nothing, where the text is no such value
  [[nodiscard]] bool read(std::string_view text, config& to) const {
    return reader(to, pool, text);
  }
  /// Its value as a number, where it is one; else 0.
  [[nodiscard]] std::int64_t number(const config& from) const { return counter(from, pool); }

  /// As the command line names it: "--worker-queue-bound".
  [[nodiscard]] std::string flag() const;
  /// The table of TOML that it stands in, "pools.images"; empty for the one that has no name.
  [[nodiscard]] std::string_view table() const noexcept;
  /// What stands for its value in the help, such as "TIME".
  [[nodiscard]] std::string placeholder() const;
  /// What it wants, such as "deadlines.head wants a duration such as 250ms or 30s".
  [[nodiscard]] std::string wants(notation in) const;

  std::string (*shower)(const config&, std::string_view pool);
  bool (*reader)(config&, std::string_view pool, std::string_view text);
  std::int64_t (*counter)(const config&, std::string_view pool);
};

} // namespace sake
