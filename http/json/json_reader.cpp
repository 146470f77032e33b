#include "json_reader.hpp"

#include "detail/json_builder.hpp"

#include <limits>

namespace sake::http {

bool detail::read_json(std::string_view text, json_target target, std::size_t depth_limit,
                       json_error& error) {
  // RapidJSON counts the octets of a string in 32 bits.
  if (text.size() > std::numeric_limits<rapidjson::SizeType>::max()) {
    error = {0, {}, "the text is longer than 4 GiB"};
    return false;
  }
  // Numbers arrive as text, to be converted once and exactly for their target type.
  constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag
                             | rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::MemoryStream input{text.data(), text.size()};
  rapidjson::Reader reader;
  json_builder builder{text, input, target, depth_limit, error};
  if (const auto result = reader.Parse<flags>(input, builder); result.IsError()) {
    builder.fail(result.Code(), result.Offset());
    return false;
  }
  // RapidJSON stops at NUL as the end of the text.
  if (input.Tell() != text.size()) {
    builder.fail(rapidjson::kParseErrorDocumentRootNotSingular, input.Tell());
    return false;
  }
  return true;
}

} // namespace sake::http
