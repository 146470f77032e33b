#include "../../../support/catch.hpp"
#include "../../../support/json.hpp"

#include <sake/http/json/json_reader.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

using sake::read_json;
using sake::test::value_of;

namespace {

template <class T>
std::string reason_of(std::string_view text) {
  return read_json<T>(text).error().reason;
}

} // namespace

TEST_CASE("reals are read exactly", "[json]") {
  CHECK(value_of<double>("0.1") == 0.1);
  CHECK(value_of<double>("1.7976931348623157e308") == std::numeric_limits<double>::max());
  CHECK(value_of<double>("5e-324") == 5e-324);
  CHECK(value_of<double>("2.2250738585072011e-308") == 2.2250738585072011e-308);
  CHECK(value_of<double>("9007199254740993") == 9007199254740992.0);
  CHECK(value_of<double>("123456789012345678901234567890") == 123456789012345678901234567890.0);
  CHECK(value_of<double>("0." + std::string(500, '0') + "1") == 0.0);
  CHECK(value_of<double>("1e-400") == 0.0);
  CHECK(value_of<double>("1e-99999999999999999999") == 0.0);
  CHECK(std::signbit(value_of<double>("-1e-400")));
  CHECK(std::signbit(value_of<double>("-0.0")));
  CHECK(value_of<float>("1e-60") == 0.0f);
  CHECK(value_of<float>("3.4028234e38") == 3.4028234e38f);
}

TEST_CASE("reals that are too large are refused", "[json]") {
  for (const char* text : {"1e309", "-1e309", "1.7976931348623159e308", "123e307", "1e99999999999"})
    CHECK_FALSE(read_json<double>(text));
  CHECK_FALSE(read_json<double>(std::string(400, '9')));
  CHECK(reason_of<float>("3.5e38") == "expected a number, found one that is too large");
}

TEMPLATE_TEST_CASE("integers are read up to the limits of their type, not beyond", "[json]",
                   std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t,
                   std::uint32_t, std::int64_t, std::uint64_t, long, unsigned long, long long,
                   unsigned long long) {
  using limits = std::numeric_limits<TestType>;
  CHECK(value_of<TestType>(std::to_string(limits::min())) == limits::min());
  CHECK(value_of<TestType>(std::to_string(limits::max())) == limits::max());

  const auto one_more = [](std::string digits) {
    // No limit ends in 9.
    ++digits.back();
    return digits;
  };
  const std::string above = one_more(std::to_string(limits::max()));
  const std::string below =
      limits::is_signed ? one_more(std::to_string(limits::min())) : std::string{"-1"};
  const std::string range = "expected an integer from " + std::to_string(limits::min()) + " to "
                            + std::to_string(limits::max()) + ", found a number out of that range";
  CHECK(reason_of<TestType>(above) == range);
  CHECK(reason_of<TestType>(below) == range);
  CHECK(reason_of<TestType>("123456789012345678901234567890") == range);
  CHECK(reason_of<TestType>("-123456789012345678901234567890") == range);
}

TEST_CASE("a number with a fraction or an exponent is no integer", "[json]") {
  for (const char* text : {"1.5", "1.0", "1e2", "1E2", "-0.0"})
    CHECK(reason_of<int>(text)
          == "expected an integer from -2147483648 to 2147483647, "
             "found a number with a fraction or an exponent");
}
