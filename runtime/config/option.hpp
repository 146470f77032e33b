// One option of the configuration, for files and the command line.
#pragma once

#include "config_values.hpp"
#include "option_text.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace sake {

/// How a value is written: plain on the command line, or in TOML.
enum class notation : std::uint8_t { plain, toml };

/// One option of `config_values`.
struct option {
  /// Its name in files: "workers", "limits.field_count", "pools.images.workers".
  std::string name;
  /// The named pool that the option belongs to; empty for others.
  std::string pool;
  /// Its heading in the help.
  std::string_view group;
  std::string_view help;
  option_type type;
  /// The permitted words of an option of type `word`.
  std::span<const std::string_view> words;
  /// Whether a running engine applies a new value.
  bool is_live;
  /// The range of numbers, octets, milliseconds and indices of words.
  std::int64_t least;
  std::int64_t most;

  static constexpr std::int64_t unbounded = std::numeric_limits<std::int64_t>::max();

  /// Its value as text.
  [[nodiscard]] std::string show(const config_values& from) const { return shower(from, pool); }
  /// Sets the value. Declares the pool if `to` has none of that name. Does not check the range.
  /// @returns false if the text is no value of this type; `to` must not be used then
  [[nodiscard]] bool read(std::string_view text, config_values& to) const {
    return reader(to, pool, text);
  }
  /// Its value as a number; the index of a word; 0 for other types.
  [[nodiscard]] std::int64_t number(const config_values& from) const { return counter(from, pool); }

  /// Its name on the command line: "--worker-max-queued".
  [[nodiscard]] std::string flag() const;
  /// The TOML table that holds it, "pools.images"; empty for the root table.
  [[nodiscard]] std::string_view table() const noexcept;
  /// The permitted words with ", " between.
  [[nodiscard]] std::string choices() const;
  /// The placeholder for its value in the help, such as "TIME".
  [[nodiscard]] std::string placeholder() const;
  /// Says which values it takes, under its name in that notation, such as "--deadlines.head wants a
  /// duration such as 250ms or 30s".
  [[nodiscard]] std::string wants(notation in) const;

  std::string (*shower)(const config_values&, std::string_view pool);
  bool (*reader)(config_values&, std::string_view pool, std::string_view text);
  std::int64_t (*counter)(const config_values&, std::string_view pool);
};

} // namespace sake
