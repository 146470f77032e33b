// Reads arbitrary octets as JSON and checks the promises of json.hpp.
#include <sake/http/json/json.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct leaf {
  std::string text;
  std::optional<std::int8_t> small;
  std::optional<std::uint64_t> large;
  std::optional<float> real;

  friend bool operator==(const leaf&, const leaf&) = default;
};
SAKE_JSON(leaf, text, small, large, real);

struct tree {
  std::optional<std::int64_t> n;
  std::optional<double> d;
  std::optional<std::vector<leaf>> leaves;
  std::optional<std::map<std::string, std::vector<bool>>> bits;
  std::optional<std::map<std::string, std::optional<std::string>>> names;
  std::optional<std::vector<tree>> parts;

  friend bool operator==(const tree&, const tree&) = default;
};
SAKE_JSON(tree, n, d, leaves, bits, names, parts);

void require(bool holds) {
  if (!holds)
    std::abort();
}

template <class T>
std::string written(const T& value) {
  std::string text;
  sake::json_writer out{text};
  write_json(out, value);
  return text;
}

/// A value that was read can be written and reads back the same; a refusal has a reason of one line
/// and a place inside the text.
template <class T>
void read(std::string_view text) {
  const auto first = sake::read_json<T>(text);
  if (!first) {
    const sake::json_error& error = first.error();
    require(!error.reason.empty() && error.offset <= text.size());
    for (const char c : error.message())
      require(static_cast<unsigned char>(c) >= 0x20);
    return;
  }
  const auto second = sake::read_json<T>(written(*first));
  require(second.has_value() && *second == *first);
}

/// Writes octets as a string, reads the string back, and expects to write it unchanged.
void write_string(std::string_view octets) {
  const std::string text = written(octets);
  const auto read_back = sake::read_json<std::string>(text);
  require(read_back.has_value() && written(*read_back) == text);
}

void write_real(std::string_view octets) {
  double value = 0;
  if (octets.size() < sizeof value)
    return;
  std::memcpy(&value, octets.data(), sizeof value);
  const auto read_back = sake::read_json<std::optional<double>>(written(value));
  require(read_back.has_value());
  require(std::isfinite(value) ? *read_back == value : !read_back->has_value());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets{reinterpret_cast<const char*>(data), size};
  read<tree>(octets);
  read<std::vector<leaf>>(octets);
  read<std::map<std::string, double>>(octets);
  read<std::vector<std::vector<std::optional<int>>>>(octets);
  read<std::string>(octets);
  write_string(octets);
  write_real(octets);
  return 0;
}
